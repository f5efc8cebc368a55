/** Stretches of a DEFLATE stream (RFC 1951, 3.1.1): bits that begin and end within bytes. */

export interface BitString {
  /** First bit lowest; what is behind the last bit is zero. */
  readonly bytes: Uint8Array;
  readonly bits: number;
  /** The same behind 0 to 7 other bits, made when first needed. */
  readonly shifted: (ShiftedBits | undefined)[];
}

/** A bit string that begins within a byte, ready to be copied whole. */
export interface ShiftedBits {
  /** To be joined with the bits before. */
  readonly first: number;
  readonly middle: Uint8Array;
  /** Bits that do not fill a byte any more, and how many. */
  readonly last: number;
  readonly lastBits: number;
}

export interface BitWriter {
  /** The lowest bits of a value, at most 24 at once. */
  put(value: number, bits: number): void;
  /** What was written since the last call. */
  take(): BitString;
}

export function createBitWriter(): BitWriter {
  let bytes: number[] = [];
  let pending = 0;
  let count = 0;
  return {
    put(value, bits) {
      pending |= value << count;
      count += bits;
      while (count >= 8) {
        bytes.push(pending & 0xff);
        pending >>>= 8;
        count -= 8;
      }
    },
    take() {
      const bits = bytes.length * 8 + count;
      if (count > 0) bytes.push(pending & 0xff);
      const taken = { bytes: Uint8Array.from(bytes), bits, shifted: [] };
      bytes = [];
      pending = 0;
      count = 0;
      return taken;
    },
  };
}

/** @param by 0 to 7; the string has at least 8 bits */
export function shiftBits({ bytes, bits }: BitString, by: number): ShiftedBits {
  const total = by + bits;
  const whole = total >>> 3;
  const all = new Uint8Array(whole + 1);
  let carried = 0;
  for (let i = 0; i <= whole; i++) {
    const byte = bytes[i] ?? 0;
    all[i] = carried | (byte << by);
    carried = byte >>> (8 - by);
  }
  return {
    first: all[0] ?? 0,
    middle: all.slice(1, whole),
    last: all[whole] ?? 0,
    lastBits: total & 7,
  };
}
