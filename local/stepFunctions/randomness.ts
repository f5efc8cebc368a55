/** What the engine draws from the Random port. */
import { createHash } from 'node:crypto';
import type { Random } from '../../shared/ports.ts';

/** Uniform in [0, 1), with the 53 bits that a double can tell apart. */
export function randomFraction(random: Random): number {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0] = random.bytes(7);
  const high = ((a & 31) << 16) | (b << 8) | c;
  const low = d * 2 ** 24 + ((e << 16) | (f << 8) | g);
  return (high * 2 ** 32 + low) / 2 ** 53;
}

/** A version 4 UUID (RFC 9562). */
export function randomUuid(random: Random): string {
  return uuidOf(random.bytes(16), 4);
}

/**
 * The UUID of a name: always the same for the same name, so that a child keeps its name when its
 * run is taken up again after a restart.
 */
export function nameUuid(name: string): string {
  return uuidOf(createHash('sha256').update(name, 'utf8').digest(), 8);
}

function uuidOf(bytes: Uint8Array, version: number): string {
  const hex = Buffer.from(bytes.subarray(0, 16));
  hex[6] = (version << 4) | ((hex[6] ?? 0) & 0x0f);
  hex[8] = 0x80 | ((hex[8] ?? 0) & 0x3f);
  return hex.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
