/**
 * CRC-32 of joined bytes from the CRCs of the pieces, so that text which is copied without being read
 * still has a known checksum. zlib has this as crc32_combine (https://www.zlib.net, crc32.c); Node
 * does not export it.
 *
 * A CRC is a polynomial over GF(2) modulo the CRC-32 polynomial, lowest power in the highest bit.
 * Appending n bytes multiplies what was there by x^(8n); the CRC of what was appended is added (xor).
 */

const POLYNOMIAL = 0xedb88320;
/** x^0 and x^1 in this bit order. */
const ONE = 0x80000000;
const X = 0x40000000;

/** a·b modulo the polynomial. */
function multiply(a: number, b: number): number {
  let product = 0;
  for (let power = ONE; power !== 0; power >>>= 1) {
    if (a & power) product ^= b;
    b = b & 1 ? (b >>> 1) ^ POLYNOMIAL : b >>> 1;
  }
  return product >>> 0;
}

/** x^(2^n) at n; squaring 32 times leads back to the beginning, so the table serves any length. */
const SQUARES: number[] = [X];
while (SQUARES.length < 32) {
  const last = SQUARES.at(-1) ?? X;
  SQUARES.push(multiply(last, last));
}

/** x^(8n) modulo the polynomial. */
function shiftByBytes(bytes: number): number {
  let factor = ONE;
  // 8n = n · 2^3: the lowest bit of n stands for x^(2^3).
  for (let rest = bytes, square = 3; rest > 0; rest = Math.floor(rest / 2), square++) {
    if (rest % 2 === 1) factor = multiply(SQUARES[square % 32] ?? ONE, factor);
  }
  return factor;
}

/**
 * The CRC-32 of A followed by B.
 * @param crcA unsigned CRC-32 of A
 * @param crcB unsigned CRC-32 of B
 * @param bytesB length of B in bytes, up to 2^53
 */
export function combineCrc32(crcA: number, crcB: number, bytesB: number): number {
  return (multiply(shiftByBytes(bytesB), crcA) ^ crcB) >>> 0;
}
