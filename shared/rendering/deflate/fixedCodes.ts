/**
 * The fixed Huffman codes of DEFLATE (RFC 1951, 3.2.6), as they go into a stream: first bit lowest.
 * Codes and their extra bits are joined where there are any.
 */

export const MIN_MATCH = 3;
export const MAX_MATCH = 258;
/** How far back a match may reach (RFC 1951, 2). */
export const WINDOW_BYTES = 32_768;

function reversed(code: number, bits: number): number {
  let result = 0;
  for (let i = 0; i < bits; i++) result |= ((code >>> i) & 1) << (bits - 1 - i);
  return result;
}

function symbolCode(symbol: number): { code: number; bits: number } {
  if (symbol < 144) return { code: reversed(0x30 + symbol, 8), bits: 8 };
  if (symbol < 256) return { code: reversed(0x190 + symbol - 144, 9), bits: 9 };
  if (symbol < 280) return { code: reversed(symbol - 256, 7), bits: 7 };
  return { code: reversed(0xc0 + symbol - 280, 8), bits: 8 };
}

/** By byte. */
export const LITERAL_CODES = new Uint16Array(256);
export const LITERAL_BITS = new Uint8Array(256);
for (let byte = 0; byte < 256; byte++) {
  const { code, bits } = symbolCode(byte);
  LITERAL_CODES[byte] = code;
  LITERAL_BITS[byte] = bits;
}

/** By length of the match, 3 to 258 (RFC 1951, 3.2.5). */
export const LENGTH_CODES = new Uint16Array(MAX_MATCH + 1);
export const LENGTH_BITS = new Uint8Array(MAX_MATCH + 1);
for (let length = MIN_MATCH; length <= MAX_MATCH; length++) {
  const rest = length - MIN_MATCH;
  // Eight lengths without extra bits, then four symbols for each number of them; 258 has its own.
  const extraBits = rest < 8 || length === MAX_MATCH ? 0 : 31 - Math.clz32(rest) - 2;
  const symbol =
    length === MAX_MATCH ? 285 : rest < 8 ? 257 + rest : 257 + 4 * extraBits + (rest >>> extraBits);
  const { code, bits } = symbolCode(symbol);
  LENGTH_CODES[length] = code | ((rest & ((1 << extraBits) - 1)) << bits);
  LENGTH_BITS[length] = bits + extraBits;
}

/** Extra bits of a distance, 1 to 32,768; its code has 5 bits. */
export const distanceExtraBits = (distance: number) =>
  distance <= 4 ? 0 : 31 - Math.clz32(distance - 1) - 1;

const DISTANCE_SYMBOLS = Uint8Array.from({ length: 30 }, (_, symbol) => reversed(symbol, 5));

/** Code and extra bits of a distance, 5 + distanceExtraBits() bits. */
export function distanceCode(distance: number): number {
  const rest = distance - 1;
  const extraBits = distanceExtraBits(distance);
  const symbol = rest < 4 ? rest : 2 * extraBits + (rest >>> extraBits);
  return (DISTANCE_SYMBOLS[symbol] ?? 0) | ((rest & ((1 << extraBits) - 1)) << 5);
}
