/**
 * What the bytes beyond ASCII of a file would be in each of the encodings that are found by themselves: a
 * machine for each, all of which see every byte.
 */
import { frequentPairs } from './frequentHan.ts';

/** Counts by encoding. */
export interface Survey {
  /** Bytes beyond ASCII. */
  readonly high: number;
  /** How many of them are whole characters of UTF-8. */
  readonly utf8: number;
  readonly gb: DoubleBytes & {
    /** Those of level 1 that are among the most frequent ones. */
    readonly frequent: number;
    readonly level1: number;
  };
  readonly japanese: DoubleBytes & {
    /** Katakana of half width, a byte each. */
    readonly halfWidth: number;
  };
  readonly western: {
    /** Bytes that are alone, or at a letter. */
    readonly usual: number;
    /** Bytes that windows-1252 does not have. */
    readonly undefined: number;
  };
}

/** Characters of two bytes. */
interface DoubleBytes {
  readonly pairs: number;
  /** Those that texts have: kana, punctuation, the characters of level 1. */
  readonly usual: number;
  /** Those right behind another one. */
  readonly chained: number;
  readonly kana: number;
  /** Bytes that are none of the encoding. */
  readonly invalid: number;
}

/** Sees bytes and counts them. */
export interface Surveyor {
  take(bytes: Uint8Array): void;
  readonly survey: Survey;
}

const isLetter = (byte: number) => {
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x7a;
};
/** Bytes without a character in windows-1252. */
const UNDEFINED_1252: ReadonlySet<number> = new Set([0x81, 0x8d, 0x8f, 0x90, 0x9d]);
/** As many accented letters follow each other in languages of western Europe. */
const MOST_ACCENTED = 3;

/** A surveyor that has seen nothing yet. */
export function createSurveyor(): Surveyor {
  const frequent = frequentPairs();
  const gb = { pairs: 0, usual: 0, chained: 0, kana: 0, invalid: 0, frequent: 0, level1: 0 };
  const japanese = { pairs: 0, usual: 0, chained: 0, kana: 0, invalid: 0, halfWidth: 0 };
  const western = { usual: 0, undefined: 0 };
  let high = 0;
  let utf8 = 0;

  /** Bytes of a character of UTF-8 that are to come, and how many it has. */
  let utf8Left = 0;
  let utf8Bytes = 0;
  /** Lead bytes, and whether a character of two bytes was right before. */
  let gbLead = 0;
  let gbFour = 0;
  let gbChain = false;
  let japaneseLead = 0;
  let japaneseChain = false;
  /** A run of bytes beyond ASCII, and whether a letter stood before it. */
  let run = 0;
  let behindLetter = false;

  function takeUtf8(byte: number) {
    if (utf8Left > 0 && byte >= 0x80 && byte <= 0xbf) {
      if (--utf8Left === 0) utf8 += utf8Bytes;
      return;
    }
    utf8Bytes = byte >= 0xc2 && byte <= 0xdf ? 2 : byte >= 0xe0 && byte <= 0xef ? 3 : 4;
    utf8Left = byte >= 0xc2 && byte <= 0xf4 ? utf8Bytes - 1 : 0;
  }

  function takeGb(byte: number) {
    if (gbFour > 0) {
      const isExpected = gbFour === 2 ? byte >= 0x81 && byte <= 0xfe : byte >= 0x30 && byte <= 0x39;
      gbFour = isExpected ? gbFour - 1 : 0;
      if (!isExpected) gb.invalid++;
      return;
    }
    if (gbLead === 0) {
      if (byte > 0x80 && byte < 0xff) gbLead = byte;
      else if (byte >= 0x80) gb.invalid++;
      if (byte < 0x80) gbChain = false;
      return;
    }
    const lead = gbLead;
    gbLead = 0;
    if (byte >= 0x30 && byte <= 0x39) {
      gbFour = 2;
      return;
    }
    if (byte < 0x40 || byte === 0x7f || byte === 0xff) {
      gb.invalid++;
      gbChain = false;
      return;
    }
    gb.pairs++;
    if (gbChain) gb.chained++;
    gbChain = true;
    if (byte < 0xa1) return;
    if (lead >= 0xb0 && lead <= 0xd7) {
      gb.usual++;
      gb.level1++;
      gb.frequent += frequent[lead * 256 + byte] as number;
    } else if (lead >= 0xa1 && lead <= 0xa3) gb.usual++;
    else if (lead === 0xa4 || lead === 0xa5) gb.kana++;
  }

  function takeJapanese(byte: number) {
    if (japaneseLead === 0) {
      if ((byte >= 0x81 && byte <= 0x9f) || (byte >= 0xe0 && byte <= 0xfc)) japaneseLead = byte;
      else if (byte >= 0xa1 && byte <= 0xdf) {
        japanese.halfWidth++;
        if (japaneseChain) japanese.chained++;
        japaneseChain = true;
      } else {
        if (byte >= 0x80) japanese.invalid++;
        japaneseChain = false;
      }
      return;
    }
    const lead = japaneseLead;
    japaneseLead = 0;
    if (byte < 0x40 || byte === 0x7f || byte > 0xfc) {
      japanese.invalid++;
      japaneseChain = false;
      return;
    }
    japanese.pairs++;
    if (japaneseChain) japanese.chained++;
    japaneseChain = true;
    const isKana =
      (lead === 0x82 && byte >= 0x9f && byte <= 0xf1) ||
      (lead === 0x83 && byte >= 0x40 && byte <= 0x96);
    if (isKana) japanese.kana++;
    const isLevel1 =
      (lead === 0x88 && byte >= 0x9f) ||
      (lead > 0x88 && lead < 0x98) ||
      (lead === 0x98 && byte <= 0x72);
    // Punctuation, and letters and digits of full width.
    const isSign = lead === 0x81 || (lead === 0x82 && byte >= 0x4f && byte <= 0x9a);
    if (isKana || isLevel1 || isSign) japanese.usual++;
  }

  function takeWestern(byte: number) {
    if (byte >= 0x80) {
      run++;
      if (UNDEFINED_1252.has(byte)) western.undefined++;
      return;
    }
    if (run === 1 || (run <= MOST_ACCENTED && (behindLetter || isLetter(byte))))
      western.usual += run;
    run = 0;
    behindLetter = isLetter(byte);
  }

  return {
    take(bytes) {
      for (let i = 0; i < bytes.length; i++) {
        const byte = bytes[i] as number;
        const isIdle = gbLead === 0 && gbFour === 0 && japaneseLead === 0 && run === 0;
        if (byte < 0x80 && isIdle) {
          gbChain = false;
          japaneseChain = false;
          behindLetter = isLetter(byte);
          utf8Left = 0;
          continue;
        }
        if (byte >= 0x80) high++;
        takeUtf8(byte);
        takeGb(byte);
        takeJapanese(byte);
        takeWestern(byte);
      }
    },
    get survey() {
      return { high, utf8, gb, japanese, western };
    },
  };
}
