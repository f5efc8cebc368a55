import { describe, expect, it } from 'vitest';
import { compileRoutes } from '../../../../local/apiGateway/http/routes.ts';
import type { Route } from '../../../../local/cloudFormation/gateways.ts';

const matchAmong = (...keys: string[]) => {
  const match = compileRoutes(
    keys.map((key): Route => ({
      key,
      functionArn: '',
      timeoutMs: 1,
      authorizer: undefined,
      throttle: undefined,
    })),
  );
  return (method: string, path: string) => {
    const found = match(method, path);
    return found && [found.route.key, found.pathParameters];
  };
};

describe('routing', () => {
  // The example of the API Gateway Developer Guide, in the worst order.
  const match = matchAmong(
    '$default',
    'ANY /{proxy+}',
    'GET /pets/{proxy+}',
    'GET /pets/dog/{id}',
    'GET /pets/dog/1',
  );

  it.each([
    ['GET', '/pets/dog/1', ['GET /pets/dog/1', {}]],
    ['GET', '/pets/dog/2', ['GET /pets/dog/{id}', { id: '2' }]],
    ['GET', '/pets/cat/1', ['GET /pets/{proxy+}', { proxy: 'cat/1' }]],
    ['POST', '/test/5', ['ANY /{proxy+}', { proxy: 'test/5' }]],
    ['POST', '/pets/dog/1', ['ANY /{proxy+}', { proxy: 'pets/dog/1' }]],
    ['GET', '/', ['$default', {}]],
  ])('sends %s %s to the most specific route', (method, path, expected) => {
    expect(match(method, path)).toEqual(expected);
  });

  it('prefers a method to ANY, and a full match to a greedy one', () => {
    const match = matchAmong('ANY /a/{b}', 'GET /{proxy+}', 'GET /a/{b}');
    expect(match('GET', '/a/1')).toEqual(['GET /a/{b}', { b: '1' }]);
    expect(match('POST', '/a/1')).toEqual(['ANY /a/{b}', { b: '1' }]);
    expect(match('GET', '/b')).toEqual(['GET /{proxy+}', { proxy: 'b' }]);
  });

  it.each(['/health/', '/Health', '/health/x', '/', '//health', ''])(
    'tells %j from /health',
    (path) => {
      expect(matchAmong('GET /health')('GET', path)).toBeUndefined();
    },
  );

  it('asks for something in the place of a variable', () => {
    const match = matchAmong('GET /t/{id}', 'GET /g/{proxy+}');
    expect(match('GET', '/t/')).toBeUndefined();
    expect(match('GET', '/g/')).toBeUndefined();
    expect(match('GET', '/g')).toBeUndefined();
  });

  it('decodes variables, without letting an encoded slash cut a segment', () => {
    expect(matchAmong('GET /t/{id}')('GET', '/t/a%2Fb%20c')).toEqual([
      'GET /t/{id}',
      { id: 'a/b c' },
    ]);
  });

  it('refuses a key of another form', () => {
    expect(() => matchAmong('health')).toThrow(/health/);
  });
});
