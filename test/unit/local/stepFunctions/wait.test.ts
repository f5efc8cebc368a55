import { describe, expect, it } from 'vitest';
import type { Json } from '../../../../local/stepFunctions/json.ts';
import { compileDefinition } from '../../../../local/stepFunctions/language/definition.ts';
import { wakeTime } from '../../../../local/stepFunctions/states/wait.ts';

const ENTERED = Date.UTC(2026, 0, 1);

/** Milliseconds that a Wait with these fields waits. */
function waits(fields: object, data: Json = {}): number {
  const definition = { StartAt: 'W', States: { W: { Type: 'Wait', End: true, ...fields } } };
  const state = compileDefinition('T', definition).flow.states.get('W');
  if (state?.kind !== 'Wait') throw new Error('The state is no Wait.');
  return wakeTime(ENTERED, state, { data, context: {} }) - ENTERED;
}
const atPath = (at: Json) => waits({ TimestampPath: '$.at' }, { at });
const forPath = (s: Json) => waits({ SecondsPath: '$.s' }, { s });

describe('a Wait', () => {
  it.each<[string, number, number]>([
    ['seconds', waits({ Seconds: 90 }), 90_000],
    ['seconds of the data', forPath(7), 7000],
    ['none', forPath(0), 0],
    ['until a time', waits({ Timestamp: '2026-01-01T00:01:00Z' }), 60_000],
    ['until a time of another offset', atPath('2026-01-01T02:00:10+02:00'), 10_000],
    ['without fractions of a second', atPath('2026-01-01T00:00:10.999Z'), 10_000],
    ['no time when it has passed', atPath('2025-12-31T23:00:00.000000Z'), -3_600_000],
    ['24,855 days', atPath('2094-01-19T00:00:00Z'), 24_855 * 86_400_000],
  ])('waits %s', (_, waited, expected) => {
    expect(waited).toBe(expected);
  });

  it.each<[string, () => number, string]>([
    ['a fraction', () => forPath(1.5), 'cannot be parsed as a long value: $.s == 1.5'],
    ['a text', () => forPath('7'), 'cannot be parsed as a long value: $.s == "7"'],
    ['less than nothing', () => forPath(-1), 'references a negative value: $.s == -1'],
    ['a day', () => atPath('2026-01-01'), 'does not reference a valid ISO-8601'],
    ['a time without offset', () => atPath('2026-01-01T00:00:00'), 'a valid ISO-8601'],
    ['a number as a time', () => atPath(1), 'does not reference a valid ISO-8601'],
    ['more than 24,855 days', () => atPath('2094-01-19T00:00:01Z'), 'delay is too long.'],
  ])('fails for %s', (_, wait, cause) => {
    expect(wait).toThrow(/^States.Runtime: /);
    expect(wait).toThrow(cause);
  });
});
