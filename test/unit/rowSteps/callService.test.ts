/** One call: tried again for what may pass, given up for the rest, and nothing secret in what is told. */
import { describe, expect, it } from 'vitest';
import type { CallEnd } from '../../../shared/rateLimit/limiter.ts';
import { callService } from '../../../shared/rowSteps/callService.ts';
import { toldByService } from '../../../shared/rowSteps/toldByService.ts';
import type { WebAnswer, WebFailure } from '../../../shared/ports.ts';
import { createMemoryPorts } from '../../support/memoryPorts.ts';

const SECRET = 'Bearer marker-of-a-secret';

const answer = (status: number, body = '', headers: Record<string, string> = {}): WebAnswer => ({
  status,
  headers,
  body: Buffer.from(body),
  isWhole: true,
});

async function call(answers: readonly WebAnswer[], retries = 3) {
  const ports = createMemoryPorts();
  const left = [...answers];
  ports.web.answer = () => left.shift() ?? answer(500, 'there were no more answers');
  const ends: CallEnd[] = [];
  const slept: number[] = [];
  const clock = {
    ...ports.clock,
    sleep: (ms: number) => {
      slept.push(ms);
      return Promise.resolve();
    },
  };
  const result = await callService(
    { ...ports, clock },
    { turn: () => Promise.resolve((end: CallEnd) => void ends.push(end)) },
    {
      request: {
        method: 'POST',
        url: 'https://api.example.com/v1/x',
        headers: { 'content-type': 'application/json', authorization: 'of the row' },
        body: '{}',
      },
      idempotencyKey: 'k'.repeat(43),
      secretHeaders: { Authorization: SECRET },
      timeoutMs: () => 60_000,
      retries,
      maxBytes: 1_000,
    },
    new AbortController().signal,
  );
  return { result, ends: ends.map(({ outcome }) => outcome), slept, requests: ports.web.requests };
}

describe('a call of a service', () => {
  it('sends what is secret with every try, and the same key', async () => {
    const { result, requests, ends } = await call([
      answer(500),
      answer(502),
      answer(200, '{"a":1}'),
    ]);
    expect(result).toMatchObject({ ok: true, tries: 3, answer: { status: 200 } });
    expect(ends).toEqual(['failed', 'failed', 'answered']);
    expect(requests).toHaveLength(3);
    for (const { headers } of requests) {
      expect(headers).toMatchObject({ authorization: SECRET, 'idempotency-key': 'k'.repeat(43) });
    }
  });

  it.each([408, 425, 500, 502, 503, 504])(
    'tries again after %i, as often as it may',
    async (status) => {
      const { result, requests, slept } = await call(
        Array.from({ length: 9 }, () => answer(status)),
        2,
      );
      expect(result).toMatchObject({ ok: false, tries: 3, fault: { status } });
      expect(requests).toHaveLength(3);
      expect(slept).toHaveLength(2);
      for (const [i, ms] of slept.entries()) expect(ms).toBeLessThanOrEqual(1_000 * 2 ** i);
    },
  );

  it.each<WebFailure>(['unresolved', 'unreachable', 'timeout', 'broken'])(
    'tries again when it is %s',
    async (failure) => {
      const { result } = await call([{ failure }, answer(200)]);
      expect(result).toMatchObject({ ok: true, tries: 2 });
    },
  );

  it('waits for a service that still works on an earlier try, which is nobody else’s fault', async () => {
    const { result, ends } = await call([answer(409), answer(409), answer(200, '{}')]);
    expect(result).toMatchObject({ ok: true, tries: 3 });
    expect(ends).toEqual(['answered', 'answered', 'answered']);
    const { result: given } = await call([answer(409), answer(409)], 1);
    expect(given).toMatchObject({ ok: false, isGeneral: false, fault: { status: 409 } });
  });

  it.each([301, 400, 401, 403, 404, 410, 413, 422])(
    'does not try again after %i',
    async (status) => {
      const { result, ends } = await call([answer(status), answer(200)]);
      expect(result).toMatchObject({ ok: false, tries: 1, fault: { status } });
      // What is wrong with the key is wrong for all rows.
      const isGeneral = status === 401 || status === 403;
      expect(ends).toEqual([isGeneral ? 'failed' : 'answered']);
      expect(result).toMatchObject({ isGeneral });
    },
  );

  it.each<WebFailure>(['not_allowed', 'insecure'])(
    'does not try again when it is %s',
    async (failure) => {
      const { result, ends } = await call([{ failure }, answer(200)]);
      expect(result).toMatchObject({ ok: false, tries: 1 });
      expect(ends).toEqual(['failed']);
    },
  );

  it('waits with all others when it comes too often, which costs it nothing', async () => {
    const tooOften = answer(429, '', { 'retry-after': '7' });
    const { result, ends, slept } = await call(
      [...Array.from({ length: 10 }, () => tooOften), answer(200)],
      0,
    );
    expect(result).toMatchObject({ ok: true, tries: 11 });
    expect(ends.filter((end) => end === 'throttled')).toHaveLength(10);
    expect(slept).toEqual([]);
    const forEver = await call(
      Array.from({ length: 50 }, () => tooOften),
      0,
    );
    expect(forEver.result).toMatchObject({ ok: false, fault: { status: 429 } });
    expect(forEver.requests.length).toBeLessThan(40);
  });

  it('comes again no sooner than a service that is down asks', async () => {
    const { slept } = await call([answer(504, '', { 'retry-after': '20' }), answer(200)]);
    expect(slept).toEqual([20_000]);
    const never = await call([answer(504, '', { 'retry-after': '999999999' }), answer(200)]);
    expect(never.slept).toEqual([3_600_000]);
  });

  it('does not take a part of an answer for the whole', async () => {
    const { result } = await call([{ ...answer(200, 'x'), isWhole: false }]);
    expect(result).toMatchObject({ ok: false, fault: { status: 200 } });
  });
});

describe('what a service says', () => {
  const told = (body: string, type = 'application/json', secrets = [SECRET]) =>
    toldByService({ headers: { 'content-type': type }, body: Buffer.from(body) }, secrets);

  it.each([
    ['{"error":{"message":"No credit left","type":"x"}}', 'No credit left'],
    ['{"type":"about:blank","title":"Bad","detail":"Of the field a"}', 'Of the field a'],
    ['{"code":"invalid_param","message":"query is required"}', 'query is required'],
    ['{"error":"nope"}', 'nope'],
  ])('is found in %s', (body, message) => {
    expect(told(body)).toBe(message);
  });

  it('is one short line without secrets, controls or tricks of direction', () => {
    const body = JSON.stringify({ message: `a\r\n\u202eb ${SECRET} \0 ${'x'.repeat(1_000)}` });
    const line = told(body) ?? '';
    expect(line.length).toBeLessThanOrEqual(301);
    expect(line).not.toContain('marker');
    // eslint-disable-next-line no-control-regex -- that is what must not be there
    expect(line).not.toMatch(/[\u0000-\u001f\u202e]/);
  });

  it('does not repeat a part of a secret, either', () => {
    const basic = `Basic ${Buffer.from('someone:marker-password').toString('base64')}`;
    const secrets = ['Bearer marker-of-a-secret', basic];
    const body = JSON.stringify({
      message: `The key marker-of-a-secret is not known, nor someone:marker-password, nor marker-password, nor ${basic.slice(6)}.`,
    });
    const line = told(body, 'application/json', secrets) ?? '';
    expect(line).toMatch(/^The key … is not known/);
    expect(line).not.toContain('marker');
    expect(line).not.toContain(basic.slice(6));
  });

  it('is nothing where nothing is meant for people', () => {
    expect(told('<html>oops</html>', 'text/html')).toBeUndefined();
    expect(told('{"a":1}')).toBeUndefined();
    expect(told('{"message":', 'application/json')).toBeUndefined();
    expect(told('plain words', 'text/plain; charset=utf-8')).toBe('plain words');
  });
});
