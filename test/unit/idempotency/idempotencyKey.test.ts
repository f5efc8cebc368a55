import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fingerprintOf } from '../../../shared/idempotency/fingerprint.ts';
import { parseIdempotencyKey } from '../../../shared/idempotency/idempotencyKey.ts';

describe('an idempotency key', () => {
  it.each([
    ['8e03978e-40d5-43e8-bc93-6894a57f9324', '8e03978e-40d5-43e8-bc93-6894a57f9324'],
    ['"8e03978e-40d5-43e8-bc93-6894a57f9324"', '8e03978e-40d5-43e8-bc93-6894a57f9324'],
    [' order 7, again ', 'order 7, again'],
    ['"say \\"a\\\\b\\""', 'say "a\\b"'],
    // No string of structured fields: taken as it is.
    ['"half', '"half'],
    ['"a\\c"', '"a\\c"'],
    ['x', 'x'],
    ['k'.repeat(255), 'k'.repeat(255)],
  ])('is read from %j', (value, key) => {
    expect(parseIdempotencyKey(value)).toBe(key);
  });

  it.each([
    ['', 'it is empty'],
    ['   ', 'it is empty'],
    ['""', 'it is empty'],
    ['k'.repeat(300), 'it has 300'],
    [`"${'k'.repeat(256)}"`, 'it has 256'],
    ['schlüssel', 'it has others'],
    ['a\tb', 'it has others'],
  ])('is refused with the limit: %j', (value, found) => {
    const message = `The header Idempotency-Key takes 1 to 255 characters of printable ASCII; ${found}. Send a UUID, for example.`;
    expect(() => parseIdempotencyKey(value)).toThrow(
      expect.objectContaining({
        code: 'VALIDATION_ERROR',
        message,
        errors: [{ pointer: '/Idempotency-Key', detail: message }],
      }),
    );
  });
});

describe('a fingerprint', () => {
  it('is the same for JSON that says the same, and only for that', () => {
    const shuffled = (value: unknown): unknown =>
      typeof value !== 'object' || value === null || Array.isArray(value)
        ? value
        : Object.fromEntries(
            Object.entries(value)
              .reverse()
              .map(([name, inner]) => [name, shuffled(inner)]),
          );
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        expect(fingerprintOf('k', shuffled(a))).toBe(fingerprintOf('k', a));
        const same = fingerprintOf('k', a) === fingerprintOf('k', b);
        expect(same).toBe(JSON.stringify(sorted(a)) === JSON.stringify(sorted(b)));
      }),
    );
  });

  it('says nothing of values to whoever lacks the key', () => {
    expect(fingerprintOf('a', { salary: 1 })).not.toBe(fingerprintOf('b', { salary: 1 }));
  });
});

/** Written otherwise than the code. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = new Map(Object.entries(value));
  return [
    'an object',
    ...[...entries.keys()].sort().map((name) => [name, sorted(entries.get(name))]),
  ];
}
