/**
 * UTF-8 that may be something else: where all characters beyond ASCII are a few of two bytes, not beside a
 * letter, Chinese in GB18030 may have the same bytes.
 */
import { isAscii } from 'node:buffer';

/** Sees a text in UTF-8 go by. */
export interface Utf8Doubt {
  /** @param line tells in which the window begins */
  take(window: Uint8Array, line: () => number): void;
  /** Line of the first such character; undefined where there is no doubt. */
  readonly line: number | undefined;
}

/** That all of so many characters of GB18030 are UTF-8 by chance: 1 in 600. */
const MOST_DOUBTFUL = 3;
const LINE_FEED = 0x0a;

const isLetter = (byte: number | undefined) =>
  byte !== undefined && (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;

export function createUtf8Doubt(): Utf8Doubt {
  let count = 0;
  let isCertain = false;
  let firstLine = 1;

  function look(window: Uint8Array, at: number) {
    const lead = window[at] as number;
    const trail = window[at + 1] ?? 0;
    const isBoth = lead >= 0xb0 && lead <= 0xd7 && trail >= 0xa1 && trail <= 0xbf;
    // A character that is cut by the end of the window counts as none of both: it is UTF-8, being whole.
    if (!isBoth || isLetter(window[at - 1]) || isLetter(window[at + 2])) isCertain = true;
    if (++count > MOST_DOUBTFUL) isCertain = true;
  }

  return {
    take(window, line) {
      if (isCertain || isAscii(window)) return;
      let lines = line();
      for (let i = 0; i < window.length && !isCertain; i++) {
        const byte = window[i] as number;
        if (byte === LINE_FEED) lines++;
        if (byte < 0x80) continue;
        if (count === 0) firstLine = lines;
        look(window, i);
        i++;
      }
    },
    get line() {
      return isCertain || count === 0 ? undefined : firstLine;
    },
  };
}
