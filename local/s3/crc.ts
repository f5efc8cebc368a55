/** The CRCs of S3's checksums that Node does not have; it has CRC-32 (zlib.crc32). */

/** CRC-32C (Castagnoli), reflected polynomial: RFC 3720, appendix B.4. */
const CRC32C = table32(0x82f63b78);

/** The CRC of `bytes` after those whose CRC is `before`; 0 to begin with. Unsigned. */
export function crc32c(bytes: Uint8Array, before = 0): number {
  let crc = ~before;
  for (const byte of bytes) crc = (crc >>> 8) ^ (CRC32C[(crc ^ byte) & 0xff] ?? 0);
  return ~crc >>> 0;
}

function table32(polynomial: number): Int32Array {
  return Int32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1;
    return crc;
  });
}

/** CRC-64/NVME, reflected polynomial (NVM Express, "64b CRC Polynomials"), in two halves of 32 bits. */
const NVME = 0x9a6c9329ac4bc9b5n;
const NVME_LOW = new Int32Array(256);
const NVME_HIGH = new Int32Array(256);
for (let byte = 0; byte < 256; byte++) {
  let crc = BigInt(byte);
  for (let bit = 0; bit < 8; bit++) crc = crc & 1n ? (crc >> 1n) ^ NVME : crc >> 1n;
  NVME_LOW[byte] = Number(crc & 0xffff_ffffn) | 0;
  NVME_HIGH[byte] = Number(crc >> 32n) | 0;
}

/** A CRC of 64 bits as two of 32: BigInt is too slow to do per byte. */
export interface Crc64 {
  readonly low: number;
  readonly high: number;
}

/** The CRC of `bytes` after those whose CRC is `before`. */
export function crc64nvme(bytes: Uint8Array, before: Crc64 = { low: 0, high: 0 }): Crc64 {
  let low = ~before.low;
  let high = ~before.high;
  for (const byte of bytes) {
    const index = (low ^ byte) & 0xff;
    low = ((low >>> 8) | (high << 24)) ^ (NVME_LOW[index] ?? 0);
    high = (high >>> 8) ^ (NVME_HIGH[index] ?? 0);
  }
  return { low: ~low >>> 0, high: ~high >>> 0 };
}
