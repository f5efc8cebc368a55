/** What a step asks of a service for a row, and what of it no row can change. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ProblemDetail } from '../../../shared/problems.ts';
import type { Row } from '../../../shared/schemas/common.ts';
import { compileRequest, idempotencyKey } from '../../../shared/rowSteps/request.ts';
import { RowStepSchema } from '../../../shared/schemas/rowSteps.ts';

const BASE = 'https://api.example.com/v1';

function compiled(request: unknown, options: { kind?: string; baseUrl?: string | undefined } = {}) {
  const { kind = 'http', baseUrl = BASE } = options;
  const step = RowStepSchema.parse({ name: 'ask', kind, request });
  const faults: ProblemDetail[] = [];
  const fill = compileRequest(
    step,
    'baseUrl' in options ? options.baseUrl : baseUrl,
    '/steps/0',
    faults,
  );
  return {
    faults,
    fill: (values: Row, missingValue: 'empty' | 'error' = 'empty') =>
      fill({ row: 7, values, spellings: undefined, missingValue }),
  };
}

const requestOf = (filled: ReturnType<ReturnType<typeof compiled>['fill']>) => {
  if (!filled.ok) throw new Error(filled.failure.detail);
  return filled.request;
};

describe('the request of a row step', () => {
  it('sends a tag by itself with its type, and others as text', () => {
    const { fill, faults } = compiled({
      url: 'people/{id}/letters?of={name}',
      headers: { 'X-Row': 'row {row}' },
      body: {
        inputs: { name: '{name}', amount: '{amount}', items: '{items}', hello: 'Dear {name}!' },
        fixed: [1, true, null, '{{braces}}'],
        absent: '{absent}',
        none: 'none: {absent}.',
      },
    });
    expect(faults).toEqual([]);
    const values = { id: 'a/b?c', name: 'Ada & Co', amount: 12.5, items: [{ n: 1 }] };
    const request = requestOf(fill(values));
    expect(request.url).toBe(
      'https://api.example.com/v1/people/a%2Fb%3Fc/letters?of=Ada%20%26%20Co',
    );
    expect(request.headers).toEqual({ 'content-type': 'application/json', 'x-row': 'row 7' });
    expect(JSON.parse(request.body ?? '')).toEqual({
      inputs: { name: 'Ada & Co', amount: 12.5, items: [{ n: 1 }], hello: 'Dear Ada & Co!' },
      fixed: [1, true, null, '{braces}'],
      absent: null,
      none: 'none: .',
    });
  });

  it('uses formats, and says when one cannot read its value', () => {
    const { fill } = compiled({ url: '/x', body: { on: '{day | date:"yyyy-MM-dd"}' } });
    expect(requestOf(fill({ day: '2026-11-26' })).body).toBe('{"on":"2026-11-26"}');
    expect(fill({ day: 'soon' })).toMatchObject({
      ok: false,
      failure: { code: 'STEP_FAILED', column: 'day' },
    });
  });

  it('fails a row that lacks a value only where that is asked for', () => {
    const { fill } = compiled({ url: '/x', body: { name: '{name}' } });
    expect(requestOf(fill({})).body).toBe('{"name":null}');
    expect(fill({}, 'error')).toMatchObject({
      ok: false,
      failure: { code: 'MISSING_VALUE', column: 'name' },
    });
  });

  it('sends a body that is a text as a text, tags by themselves included', () => {
    const { fill } = compiled({ url: '/x', body: '{n}' });
    expect(requestOf(fill({ n: 12 }))).toMatchObject({
      body: '12',
      headers: { 'content-type': 'text/plain; charset=utf-8' },
    });
    expect(requestOf(fill({})).body).toBe('');
  });

  it('runs workflows of Dify behind the base of its API', () => {
    const { fill } = compiled(
      { body: { inputs: { topic: '{topic}' }, response_mode: 'blocking', user: 'sheaf' } },
      { kind: 'dify' },
    );
    expect(requestOf(fill({ topic: 'ships' })).url).toBe(
      'https://api.example.com/v1/workflows/run',
    );
  });

  it.each([
    ['a host that a row decides', { url: 'https://{host}/x' }, undefined],
    ['a part of the host that a row decides', { url: 'https://api.{host}/x' }, undefined],
    ['no slash behind the host', { url: 'https://example.com{path}' }, undefined],
    ['a user before the host', { url: 'https://example.com@{host}/' }, undefined],
    ['a relative URL without a connection', { url: '/x' }, undefined],
    ['no URL', {}, undefined],
    ['another host than the connection', { url: 'https://evil.example.net/x' }, BASE],
    ['a path that leads up', { url: '/../admin' }, BASE],
    ['a path that leads up, encoded', { url: '/%2e%2E/admin' }, BASE],
    ['a header of ours', { url: '/x', headers: { 'Idempotency-Key': '1' } }, BASE],
    ['a body of GET', { method: 'GET', url: '/x', body: {} }, BASE],
    ['a brace alone', { url: '/x', body: { a: 'if {' } }, BASE],
    ['a section', { url: '/x', body: { a: '{#items}' } }, BASE],
    ['a format that is none', { url: '/x', body: { a: '{n | nmber:"0"}' } }, BASE],
  ])('refuses %s', (_, request, baseUrl) => {
    const { faults } = compiled(request, { baseUrl });
    expect(faults.length).toBeGreaterThan(0);
    for (const { pointer } of faults) expect(pointer).toMatch(/^\/steps\/0\/request\//);
  });

  it('never lets a row lead to another host, or out of the path', () => {
    const { fill } = compiled({ url: '/people/{a}/x{b}?q={c}#{c}' });
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.constantFrom(
            '..',
            '.',
            '%2e%2e',
            '../..',
            '//evil.example',
            '\\..\\',
            '@evil',
            '?#',
            '\r\n',
          ),
        ),
        fc.string(),
        (a, b) => {
          const filled = fill({ a, b, c: b });
          if (!filled.ok) return;
          const url = new URL(filled.request.url);
          expect(url.origin).toBe('https://api.example.com');
          expect(url.pathname.startsWith('/v1/people/')).toBe(true);
          expect(url.pathname.split('/')).toHaveLength(5);
        },
      ),
    );
    expect(fill({ a: '..', b: '', c: '' })).toMatchObject({
      ok: false,
      failure: { code: 'STEP_FAILED' },
    });
  });

  it.each(['../../admin', 'a/../..', '..\\admin', 'x/.', '', ' /..'.trim()])(
    'refuses a path that a server which decodes it first would leave: "%s"',
    (id) => {
      const { fill } = compiled({ method: 'DELETE', url: '/items/{id}?of={id}' });
      expect(fill({ id })).toMatchObject({ ok: false, failure: { code: 'STEP_FAILED' } });
      expect(fill({ id: 'a/b' })).toMatchObject({ ok: true });
    },
  );

  it('has a bound, however many tags are in it', () => {
    const { fill } = compiled({ url: '/x', body: Array.from({ length: 100 }, () => '{text}') });
    expect(fill({ text: 'x'.repeat(1_000_000) })).toMatchObject({
      ok: false,
      failure: { code: 'STEP_FAILED' },
    });
    const list = compiled({ url: '/x', body: '{list | join}' });
    expect(list.faults).toEqual([]);
    const whole = compiled({ url: '/x', body: { list: '{list}' } });
    expect(whole.fill({ list: ['x'.repeat(5_000_000)] })).toMatchObject({ ok: false });
    const lists = compiled({ url: '/x', body: Array.from({ length: 100 }, () => '{list}') });
    expect(lists.fill({ list: ['x'.repeat(1_000_000)] })).toMatchObject({ ok: false });
  });

  it('lets no value break out of a header', () => {
    const { fill } = compiled({ url: '/x', headers: { 'X-Name': '{name}' } });
    for (const name of ['a\r\nHost: b', 'a\nb', 'a\0b', '你']) {
      expect(fill({ name })).toMatchObject({ ok: false, failure: { code: 'STEP_FAILED' } });
    }
    expect(requestOf(fill({ name: 'Müller' })).headers['x-name']).toBe('Müller');
  });

  it('names no value in what it says of a fault', () => {
    const { fill } = compiled({
      url: '/{a}/',
      headers: { h: '{b}' },
      body: { c: '{c | number:"0"}' },
    });
    for (const values of [{ a: '..' }, { b: 'marker\n' }, { c: 'marker' }]) {
      const filled = fill({ a: 'x', b: 'x', c: 1, ...values });
      expect(filled.ok).toBe(false);
      expect(JSON.stringify(filled)).not.toContain('marker');
    }
  });

  it('has a key for each row, step and question, and no other', () => {
    const { fill } = compiled({ url: '/x', body: { name: '{name}' } });
    const [ada, ada2, bob] = ['Ada', 'Ada', 'Bob'].map((name) =>
      requestOf(fill({ name, other: Math.random() })),
    );
    if (!ada || !ada2 || !bob) throw new Error('Three were asked for.');
    const keys = [
      idempotencyKey('task_1', 1, 'ask', ada),
      idempotencyKey('task_1', 1, 'ask', bob),
      idempotencyKey('task_1', 2, 'ask', ada),
      idempotencyKey('task_1', 1, 'tell', ada),
      idempotencyKey('task_2', 1, 'ask', ada),
    ];
    expect(new Set(keys).size).toBe(keys.length);
    expect(idempotencyKey('task_1', 1, 'ask', ada2)).toBe(keys[0]);
    expect(keys[0]).toMatch(/^[\w-]{43}$/);
  });
});
