/** What a connection may be; every refusal says what to do, and quotes no value. */
import { describe, expect, it } from 'vitest';
import { OWN_HEADERS } from '../../../shared/headers.ts';
import { Problem } from '../../../shared/problems.ts';
import { CreateConnectionSchema } from '../../../shared/schemas/serviceConnectionApi.ts';
import { requireEndpoint } from '../../../shared/serviceConnections/rules.ts';
import { LOOPBACK_URLS, REFUSED_URLS, TAKEN_URLS } from '../egress/cases.ts';
import { BASE, MARKER } from './support.ts';

const STRICT = { allowLoopback: false };

const endpoint = (body: object, serviceEgress: object = {}) =>
  requireEndpoint(
    { serviceEgress: { ...STRICT, ...serviceEgress } },
    CreateConnectionSchema.parse({ name: 'Dify', baseUrl: BASE, ...body }),
  );

function faultsOf(body: object, rules: object = {}): readonly [string, string][] {
  try {
    endpoint(body, rules);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    expect(error.code).toBe('VALIDATION_ERROR');
    expect(JSON.stringify([error.message, error.errors])).not.toContain(MARKER);
    return (error.errors ?? []).map(({ pointer, detail }) => [pointer, detail]);
  }
  return [];
}

describe('the URL of a connection', () => {
  it.each(TAKEN_URLS.filter((url) => !/[?#]/.test(url)))('may be %s', (baseUrl) => {
    expect(endpoint({ baseUrl }).baseUrl).toBe(new URL(baseUrl).href);
  });

  it.each(REFUSED_URLS)('may not be %s', (baseUrl) => {
    const [[pointer, detail] = []] = faultsOf({ baseUrl });
    expect(pointer).toBe('/baseUrl');
    expect(detail).toMatch(/\. (Use|Write|Leave|Send) /);
    expect(detail).not.toContain('secret@');
  });

  it.each(LOOPBACK_URLS)('may be %s only where the machine itself may be one', (baseUrl) => {
    expect(faultsOf({ baseUrl })).toHaveLength(1);
    const [[, detail] = []] = faultsOf({ baseUrl }, { allowLoopback: true });
    if (!/[?#]/.test(baseUrl)) expect(detail).toBeUndefined();
  });

  it.each([`?key=${MARKER}`, '?', '#', `#${MARKER}`, `/x?${MARKER}#y`])(
    'has nothing behind its path: %s',
    (tail) => {
      expect(faultsOf({ baseUrl: BASE + tail })).toEqual([
        ['/baseUrl', expect.stringContaining('URLs of row steps')],
      ]);
    },
  );

  it('has no user, whose password is a secret', () => {
    for (const user of [`ada:${MARKER}@`, `${MARKER}@`]) {
      expect(faultsOf({ baseUrl: `https://${user}api.dify.ai/` })).toEqual([
        ['/baseUrl', expect.stringContaining('secretHeaders')],
      ]);
    }
  });

  it('is of a host that the operator lists, if any are', () => {
    const hosts = ['api.dify.ai', '*.example.com'];
    const at = (host: string) => faultsOf({ baseUrl: `https://${host}/v1` }, { hosts });
    for (const host of [
      'api.dify.ai',
      'API.dify.ai',
      'api.dify.ai:8443',
      'a.example.com',
      'a.b.example.com',
      'api.dify.ai.',
    ]) {
      expect([host, at(host)]).toEqual([host, []]);
    }
    for (const host of [
      'dify.ai',
      'x.api.dify.ai',
      'example.com',
      'aexample.com',
      'example.com.evil.org',
      '1.1.1.1',
    ]) {
      expect([host, at(host)]).toEqual([
        host,
        [['/baseUrl', expect.stringContaining('ask its operator')]],
      ]);
    }
    // A list opens nothing that is refused anyway.
    expect(faultsOf({ baseUrl: 'https://10.0.0.1/' }, { hosts: ['10.0.0.1'] })).toHaveLength(1);
    expect(faultsOf({ baseUrl: 'https://localhost/' }, { hosts: ['localhost'] })).toHaveLength(1);
  });
});

describe('the headers of a connection', () => {
  it('are stored by their names in lower case', () => {
    expect(
      endpoint({ headers: { Accept: 'text/html' }, secretHeaders: { 'X-Api-Key': MARKER } }),
    ).toEqual({
      baseUrl: BASE,
      headers: { accept: 'text/html' },
      secretHeaders: { 'x-api-key': MARKER },
    });
    expect(endpoint({})).toEqual({ baseUrl: BASE, headers: {}, secretHeaders: {} });
  });

  it.each([...OWN_HEADERS])('are not those that are ours: %s', (name) => {
    for (const field of ['headers', 'secretHeaders']) {
      expect(faultsOf({ [field]: { [name.toUpperCase()]: 'x' } })).toEqual([
        [`/${field}/${name.toUpperCase()}`, expect.stringContaining('Leave it out')],
      ]);
    }
  });

  it.each([
    ['a line break', `${MARKER}\r\nx: y`, /line break/],
    ['a line break at the end', `${MARKER}\n`, /line break/],
    ['a NUL', `${MARKER}\u0000`, /line break/],
    ['letters that are not Latin', `${MARKER}密`, /not Latin/],
    ['a blank at its end', `${MARKER} `, /begins or ends with a blank/],
    ['a tab at its beginning', `\t${MARKER}`, /begins or ends with a blank/],
    ['nothing', '', /is empty/],
    ['too many characters', MARKER.repeat(300), /at most 4000/],
  ])('hold no value with %s', (_, value, detail) => {
    for (const field of ['headers', 'secretHeaders']) {
      expect(faultsOf({ [field]: { 'X-Version': value } })).toEqual([
        [`/${field}/X-Version`, expect.stringMatching(detail)],
      ]);
    }
  });

  it('hold values with what servers take', () => {
    const value = 'Bearer a.b-c_d~e/f=, "x";\té';
    expect(endpoint({ secretHeaders: { a: value } }).secretHeaders).toEqual({ a: value });
  });

  it.each(['', 'a b', 'x:', 'x\n', '名', `Bearer ${MARKER}`, 'x'.repeat(101)])(
    'have no name like %j, which is not repeated',
    (name) => {
      for (const field of ['headers', 'secretHeaders']) {
        expect(faultsOf({ [field]: { [name]: 'x' } })).toEqual([
          [`/${field}`, expect.stringContaining('letters, digits and hyphens')],
        ]);
      }
    },
  );

  it('have each name once, whatever its case', () => {
    const twice = { headers: { accept: 'a' }, secretHeaders: { Accept: MARKER } };
    expect(faultsOf(twice)).toEqual([['/secretHeaders/Accept', expect.stringContaining('twice')]]);
    const within = { secretHeaders: { 'X-A': MARKER, 'x-a': MARKER } };
    expect(faultsOf(within)).toEqual([['/secretHeaders/x-a', expect.stringContaining('twice')]]);
  });

  it.each([
    'Authorization',
    'Proxy-Authorization',
    'cookie',
    'X-API-Key',
    'apikey',
    'api_key',
    'X-Auth-Token',
    'x-client-secret',
  ])('are shown, so %s is asked for among the secret ones', (name) => {
    expect(faultsOf({ headers: { [name]: MARKER } })).toEqual([
      [`/headers/${name}`, expect.stringContaining('Give it in secretHeaders')],
    ]);
    expect(faultsOf({ secretHeaders: { [name]: MARKER } })).toEqual([]);
  });

  it('are so many and so long at most', () => {
    const many = (count: number, value = 'x') =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`x-${i}`, value]));
    expect(faultsOf({ headers: many(30) })).toEqual([]);
    expect(faultsOf({ headers: many(20), secretHeaders: { a: 'x' } })).toEqual([]);
    expect(faultsOf({ secretHeaders: many(31) })).toEqual([
      ['/headers', expect.stringContaining('at most 30')],
    ]);
    expect(faultsOf({ secretHeaders: many(3, MARKER.repeat(200)) })).toEqual([
      ['/headers', expect.stringContaining('at most 8000')],
    ]);
  });

  it('are told all their faults at once', () => {
    const body = { baseUrl: 'http://10.0.0.1/', headers: { Host: 'x' }, secretHeaders: { a: '' } };
    expect(faultsOf(body).map(([pointer]) => pointer)).toEqual([
      '/baseUrl',
      '/headers/Host',
      '/secretHeaders/a',
    ]);
  });
});
