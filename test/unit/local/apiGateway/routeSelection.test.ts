import { describe, expect, it } from 'vitest';
import { routeSelection } from '../../../../local/apiGateway/webSocket/routeSelection.ts';

describe('routeSelection', () => {
  const select = routeSelection('$request.body.action');
  it.each([
    ['{"action":"subscribe"}', 'subscribe'],
    ['{"action":7}', '7'],
    ['{"action":"$connect"}', ''],
    ['{"action":{"a":1}}', ''],
    ['{"action":null}', ''],
    ['{}', ''],
    ['{"__proto__":{"action":"x"}}', ''],
    ['[]', ''],
    ['"action"', ''],
    ['null', ''],
    ['not json', ''],
    ['', ''],
  ])('selects from %s: %j', (text, key) => {
    expect(select(text)).toBe(key);
  });

  it('follows a path', () => {
    expect(routeSelection('$request.body.a.b')('{"a":{"b":"deep"}}')).toBe('deep');
  });

  it('refuses expressions of another kind', () => {
    expect(() => routeSelection('$request.header.x')).toThrow(/\$request\.header\.x/);
  });
});
