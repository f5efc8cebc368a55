/** Typed, time-ordered ids: a prefix and a ULID (https://github.com/ulid/spec). */
import type { Clock, Random } from './ports.ts';

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

export const ID_PREFIXES = {
  task: 'task',
  template: 'tpl',
  dataSource: 'ds',
  endpoint: 'whe',
  delivery: 'dlv',
  connection: 'conn',
  check: 'check',
  sample: 'sample',
} as const;
export type IdKind = keyof typeof ID_PREFIXES;

/** A new id such as `task_01JD…`: 48 bits of time, 80 of randomness. Later ids sort after. */
export function newId(
  kind: IdKind,
  { clock, random }: { clock: Pick<Clock, 'now'>; random: Random },
): string {
  let time = clock.now();
  let head = '';
  for (let i = 0; i < 10; i++) {
    head = CROCKFORD.charAt(time % 32) + head;
    time = Math.floor(time / 32);
  }
  return `${ID_PREFIXES[kind]}_${head}${randomId({ random })}`;
}

/** 80 random bits: for what is not told to anybody, and as the tail of what is. */
export function randomId({ random }: { random: Random }): string {
  let id = '';
  // 16 characters of 5 bits; one byte each, of which 5 bits are used, keeps them uniform.
  for (const byte of random.bytes(16)) id += CROCKFORD.charAt(byte & 31);
  return id;
}

/** Pattern of an id, for schemas. */
export const idPattern = (kind: IdKind) =>
  new RegExp(`^${ID_PREFIXES[kind]}_[0-9A-HJKMNP-TV-Z]{26}$`);
