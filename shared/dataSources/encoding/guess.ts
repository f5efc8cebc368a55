/** Finding the encoding of a file that is not in UTF-8 and does not name one. */
import { isAscii } from 'node:buffer';
import { SURVEYED_BYTES } from '../../limits.ts';
import { countLineEnds } from '../csvDelimiter.ts';
import { windowsOf } from '../pieces.ts';
import { createSurveyor, type Survey } from './survey.ts';

/** What the encoding is found to be; `line` is that of the first byte beyond ASCII. */
export interface Guess {
  /** Undefined when it cannot be told. */
  readonly encoding: GuessedEncoding | undefined;
  /** Whether nearly all of it is UTF-8: it is not another encoding, but damaged. */
  readonly isDamagedUtf8: boolean;
  readonly line: number;
}

export type GuessedEncoding = 'gb18030' | 'shift_jis' | 'windows-1252';

/** Shares of the bytes or characters beyond ASCII. */
const USUAL_SHARE = 0.85;
const WESTERN_SHARE = 0.9;
/** Bytes of other encodings are UTF-8 by chance: of Chinese, a fifth. */
const UTF8_SHARE = 0.5;
/** Damage, which is told where it is when the file is read. */
const INVALID_SHARE = 0.001;
/** Of the characters of Japanese in two bytes so many follow another one: in western texts hardly any. */
const CHAINED_SHARE = 0.4;
/** Of Chinese some 60 %, of Korean read as Chinese an eighth. */
const FREQUENT_SHARE = 0.3;
/** With fewer characters nothing can be said of how frequent they are. */
const LEAST_COUNTED = 10;
/** Japanese in the encoding EUC-JP reads as Chinese with much kana. */
const KANA_SHARE = 0.1;

/**
 * Reads a file until enough was seen to tell its encoding.
 * @param source from its beginning
 * @throws what the source throws
 */
export async function guessEncoding(source: AsyncIterable<Uint8Array>): Promise<Guess> {
  const surveyor = createSurveyor();
  let line = 1;
  for await (const piece of source) {
    for (const window of windowsOf(piece)) {
      if (surveyor.survey.high === 0) {
        if (isAscii(window)) {
          line += countLineEnds(window);
          continue;
        }
        line += countLineEnds(
          window.subarray(
            0,
            window.findIndex((byte) => byte >= 0x80),
          ),
        );
      }
      surveyor.take(window);
    }
    if (surveyor.survey.high >= SURVEYED_BYTES) break;
  }
  // Behind the last byte is a line end, as far as runs of bytes are concerned.
  surveyor.take(Uint8Array.of(0x0a));
  return { ...judge(surveyor.survey), line };
}

/** @param survey of at least one byte beyond ASCII */
export function judge(survey: Survey): Pick<Guess, 'encoding' | 'isDamagedUtf8'> {
  const { high, utf8, gb, japanese, western } = survey;
  if (utf8 >= high * UTF8_SHARE) return { encoding: undefined, isDamagedUtf8: true };
  const fits = [
    isChinese(gb) && ('gb18030' as const),
    isJapanese(japanese) && ('shift_jis' as const),
    western.undefined === 0 &&
      western.usual >= high * WESTERN_SHARE &&
      !isJapanese(japanese) &&
      ('windows-1252' as const),
  ].filter((encoding) => encoding !== false);
  return { encoding: fits.length === 1 ? fits[0] : undefined, isDamagedUtf8: false };
}

function isChinese({ pairs, usual, kana, invalid, level1, frequent }: Survey['gb']): boolean {
  if (pairs === 0 || invalid > pairs * INVALID_SHARE) return false;
  if (usual < pairs * USUAL_SHARE || kana > pairs * KANA_SHARE) return false;
  return level1 < LEAST_COUNTED || frequent >= level1 * FREQUENT_SHARE;
}

function isJapanese({ pairs, usual, chained, invalid, halfWidth }: Survey['japanese']): boolean {
  const all = pairs + halfWidth;
  if (all === 0 || invalid > all * INVALID_SHARE) return false;
  if (chained < all * CHAINED_SHARE) return false;
  // Few texts mix both; Chinese and western ones are mostly of the one byte.
  return pairs === 0 || usual >= all * USUAL_SHARE;
}
