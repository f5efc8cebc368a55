/** Finds what texts repeat of themselves and of those before them (LZ77; RFC 1951, 4). */
import { MAX_MATCH, WINDOW_BYTES } from './codes.ts';

/** Bytes that are new, or that are also in a text from `offset` on. */
export interface Token {
  /** Where it begins in its own text. */
  readonly at: number;
  readonly length: number;
  /** Number of the text that has the same bytes; undefined for one new byte. */
  readonly source?: number;
  readonly offset?: number;
}

const HASH_BITS = 16;
const KEY_BYTES = 4;
/** Places with the same beginning that are looked at. */
const CANDIDATES = 48;
/** A match that is as long as this is taken without looking for a better one behind. */
const GOOD_MATCH = 48;

/**
 * How long a match with another text must be: how far away it is, is known only when a document is
 * written, which then takes some 30 ns. A contract of 30 pages has 5,000 matches of 10 bytes or more:
 * they would make it 3 % smaller in four times the time.
 */
const leastOther = (length: number) => (length < 1_000 ? 5 : 24);
const LEAST_OWN = 4;

/** How far away other texts are looked for: what is written between them comes on top. */
const OTHER_WINDOW_BYTES = 28_000;

/**
 * The tokens of each text. Other texts may turn out to be farther away, or not there.
 * @param isUsual whether a text is likely to be there, so that others may lean on it
 */
export function findTokens(
  texts: readonly Uint8Array[],
  isUsual: (text: number) => boolean,
): Token[][] {
  const all = Buffer.concat(texts);
  const starts: number[] = [];
  let total = 0;
  for (const { length } of texts) {
    starts.push(total);
    total += length;
  }
  const heads = new Int32Array(1 << HASH_BITS).fill(-1);
  const chain = new Int32Array(total).fill(-1);
  const hash = (at: number) => Math.imul(all.readUInt32LE(at), 0x9e3779b1) >>> (32 - HASH_BITS);
  const remember = (at: number) => {
    if (at + KEY_BYTES > total) return;
    const key = hash(at);
    chain[at] = heads[key] ?? -1;
    heads[key] = at;
  };
  const forget = (at: number) => {
    if (at + KEY_BYTES <= total) heads[hash(at)] = chain[at] ?? -1;
  };
  const textAt = (at: number) => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((starts[middle] ?? 0) <= at) low = middle;
      else high = middle - 1;
    }
    return low;
  };

  function longest(text: number, at: number, end: number) {
    let best = { length: 0, at: 0, source: 0 };
    const most = Math.min(MAX_MATCH, end - at);
    if (most < KEY_BYTES) return best;
    const start = starts[text] ?? 0;
    let place = heads[hash(at)] ?? -1;
    for (let i = 0; i < CANDIDATES && place !== -1; i++, place = chain[place] ?? -1) {
      if (all[place + best.length] !== all[at + best.length]) continue;
      const isOwn = place >= start;
      if (at - place > (isOwn ? WINDOW_BYTES : OTHER_WINDOW_BYTES)) break;
      const source = isOwn ? text : textAt(place);
      const limit = isOwn ? most : Math.min(most, (starts[source + 1] ?? total) - place);
      let length = 0;
      while (length < limit && all[place + length] === all[at + length]) length++;
      if (length < (isOwn ? LEAST_OWN : leastOther(end - start))) continue;
      if (length > best.length) best = { length, at: place, source };
      if (length === most) break;
    }
    return best;
  }

  return texts.map((bytes, text) => {
    const start = starts[text] ?? 0;
    const end = start + bytes.length;
    const tokens: Token[] = [];
    let at = start;
    let match = longest(text, at, end);
    while (at < end) {
      remember(at);
      // A longer match one byte on is worth a literal (RFC 1951, 4).
      const next =
        match.length < GOOD_MATCH && at + 1 < end ? longest(text, at + 1, end) : undefined;
      if (match.length === 0 || (next && next.length > match.length)) {
        tokens.push({ at: at - start, length: 1 });
        at++;
        match = next ?? longest(text, at, end);
        continue;
      }
      const { length, source } = match;
      const offset = match.at - (starts[source] ?? 0);
      tokens.push({ at: at - start, length, source, offset });
      for (let i = 1; i < length; i++) remember(at + i);
      at += length;
      match = longest(text, at, end);
    }
    if (!isUsual(text)) for (let i = end - 1; i >= start; i--) forget(i);
    return tokens;
  });
}
