/** What a step takes from an answer, whatever a service answers. */
import { describe, expect, it } from 'vitest';
import type { ProblemDetail } from '../../../shared/problems.ts';
import { compileResponse } from '../../../shared/rowSteps/response.ts';
import { RowStepSchema } from '../../../shared/schemas/rowSteps.ts';

function taken(
  response: unknown,
  body: unknown,
  { kind = 'http', type = 'application/json', status = 200 } = {},
) {
  const step = RowStepSchema.parse({
    name: 'ask',
    kind,
    request: { url: 'https://a.example/x' },
    response,
  });
  const faults: ProblemDetail[] = [];
  const take = compileResponse(step, '/steps/0', faults);
  const bytes =
    body instanceof Uint8Array
      ? body
      : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  return { faults, taken: take({ status, headers: { 'content-type': type }, body: bytes }) };
}

describe('the response of a row step', () => {
  it('takes columns by pointers and by expressions, with their types', () => {
    const body = {
      data: { text: 'Hello', 'a/b': 1, 'm~n': [10, 20] },
      ok: true,
    };
    const { faults, taken: its } = taken(
      {
        values: {
          text: '/data/text',
          slash: '/data/a~1b',
          second: '/data/m~0n/1',
          whole: '',
          long: 'size(body.data.text) > 3 ? "long" : "short"',
          code: 'status',
          type: 'headers["content-type"]',
          list: 'body.data["m~n"]',
        },
      },
      body,
    );
    expect(faults).toEqual([]);
    expect(its).toMatchObject({
      ok: true,
      values: {
        ...{ text: 'Hello', slash: 1, second: 20, long: 'long', code: 200 },
        ...{ type: 'application/json', list: [10, 20], whole: { ok: true } },
      },
    });
  });

  it('says what is not there instead of taking nothing', () => {
    for (const place of [
      '/data/nope',
      '/list/2',
      '/list/-',
      '/list/length',
      '/data/__proto__',
      'body.nope',
    ]) {
      const its = taken({ values: { text: place } }, { data: {}, list: ['a', 'b'] }).taken;
      expect(its).toMatchObject({ ok: false });
      expect(its.ok ? '' : its.wrong).toContain(place);
    }
  });

  it.each(['bytes(text)', 'timestamp("2026-11-26T00:00:00Z")', 'duration("1h")'])(
    'takes nothing that JSON cannot hold: %s',
    (text) => {
      expect(taken({ values: { text } }, {}).taken.ok).toBe(false);
    },
  );

  it.each([
    ['no JSON', '<html>', 'no JSON'],
    ['nothing', '', 'no JSON'],
    ['bytes that are no text', Buffer.from([0xff, 0xfe, 0]), 'no text'],
    ['lists in lists without end', `{"text":${'['.repeat(20_000)}${']'.repeat(20_000)}}`, 'bytes'],
    ['more than a row may keep', { text: 'x'.repeat(70_000) }, 'bytes'],
  ])('refuses %s', (_, body, wrong) => {
    const its = taken({ values: { text: '/text' } }, body).taken;
    expect(its.ok ? '' : its.wrong).toContain(wrong);
  });

  it('reads outputs of a workflow of Dify, whole or as a stream, and knows a run that failed', () => {
    const finished = (status: string) => ({
      workflow_run_id: 'r',
      data: { status, outputs: { text: 'Hi', n: 2 }, error: status === 'failed' ? 'no' : null },
    });
    const values = { text: '/text', n: '/n' };
    const whole = taken({ values }, finished('succeeded'), { kind: 'dify' }).taken;
    expect(whole).toEqual({ ok: true, values: { text: 'Hi', n: 2 } });
    const events = [
      { event: 'workflow_started', data: { id: 'r' } },
      { event: 'node_finished', data: { outputs: { text: 'not this' }, status: 'succeeded' } },
      { event: 'workflow_finished', ...finished('succeeded') },
    ];
    const stream = events
      .map((event) => `data: ${JSON.stringify(event)}\n\n`)
      .join('event: ping\n\n');
    const streamed = taken({ values }, stream, { kind: 'dify', type: 'text/event-stream' }).taken;
    expect(streamed).toEqual(whole);
    for (const status of ['failed', 'stopped']) {
      const its = taken({ values }, finished(status), { kind: 'dify' }).taken;
      expect(its.ok ? '' : its.wrong).toContain(`"${status}"`);
    }
    const cut = taken({ values }, stream.slice(0, 150), {
      kind: 'dify',
      type: 'text/event-stream',
    }).taken;
    expect(cut.ok).toBe(false);
  });

  it('takes files from the body, from base64, and from URLs', () => {
    const png = Buffer.from('89504e470d0a1a0a', 'hex');
    const file = (from: string) => ({ file: { from, name: '{row}.png' } });
    expect(taken(file('body'), png, { type: 'image/png; x=1' }).taken).toMatchObject({
      file: { bytes: png, contentType: 'image/png' },
    });
    const base64 = png.toString('base64');
    expect(taken(file('/d'), { d: base64 }).taken).toMatchObject({ file: { bytes: png } });
    expect(taken(file('/d'), { d: `data:image/png;base64,${base64}` }).taken).toMatchObject({
      file: { bytes: png, contentType: 'image/png' },
    });
    expect(taken(file('/d'), { d: 'https://a.example/p.png' }).taken).toMatchObject({
      file: { url: 'https://a.example/p.png' },
    });
    for (const d of [
      'file:///etc/passwd',
      '',
      7,
      'not base64!',
      `data:image/png${';a'.repeat(2e6)}`,
    ]) {
      expect(taken(file('/d'), { d }).taken.ok).toBe(false);
    }
    expect(taken(file('body'), Buffer.alloc(0)).taken.ok).toBe(false);
  });

  it.each([
    ['an expression that is none', 'body.text +'],
    ['a variable that there is not', 'bdy.text'],
    ['a regular expression', 'text.matches("(a+)+")'],
    ['two loops', 'body.a.map(x, body.b.map(y, y))'],
    ['a pointer that is none', '/a~2'],
    ['a pointer that is none, and long', `${'/'.repeat(900)}~`],
    ['a regular expression behind a comment', 'text.matches//\n("(a+)+")'],
  ])('refuses %s before anything is called', (_, text) => {
    const { faults } = taken({ values: { text } }, {});
    expect(faults).toMatchObject([{ pointer: '/steps/0/response/values/text' }]);
  });
});
