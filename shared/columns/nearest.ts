/** The column that somebody may have meant: by case, punctuation, accents, a few wrong letters, and words. */
import { asSeen } from './asSeen.ts';

/** Half of a name may not be wrong: beyond a third, and beyond two characters, it is another word. */
const MAX_EDITS = 2;
const EDITS_PER_CHARACTER = 1 / 3;

/** A column, and what people might call it. */
export interface Candidate {
  readonly column: string;
  readonly names: readonly string[];
}

/** Columns to compare with, folded once. @returns the nearest of them, the first of equals */
export function nearestAmong(
  candidates: readonly Candidate[],
): (name: string) => string | undefined {
  const folded = candidates.map(({ column, names }) => ({
    column,
    plain: [...new Set(names.map(lettersOf))],
    cased: new Set(names.map((name) => asSeen(name).toLowerCase())),
    words: names.map(wordsOf),
  }));
  /** The only column that says the same in more or fewer words: {Amount} of "Amount (EUR)". */
  const inOtherWords = (name: string) => {
    const wanted = wordsOf(name);
    const found = folded.filter(({ words }) =>
      words.some((its) => isPartOf(wanted, its) || isPartOf(its, wanted)),
    );
    return found.length === 1 ? found[0]?.column : undefined;
  };
  return (name) => {
    const plain = lettersOf(name);
    const cased = asSeen(name).toLowerCase();
    const allowed = Math.min(MAX_EDITS, Math.floor(plain.length * EDITS_PER_CHARACTER));
    let best: { column: string; edits: number } | undefined;
    for (const candidate of folded) {
      if (candidate.cased.has(cased)) return candidate.column;
      for (const other of candidate.plain) {
        const edits = editsBetween(plain, other, allowed);
        if (edits < (best?.edits ?? Infinity)) best = { column: candidate.column, edits };
      }
    }
    return best?.column ?? inOtherWords(name);
  };
}

const WORD = /[\p{L}\p{N}]+/gu;
const wordsOf = (name: string): ReadonlySet<string> =>
  new Set(asSeen(name).toLowerCase().match(WORD) ?? []);

/** Letters alone say nothing: some word must have this many characters. */
const LONG_WORD = 3;
const isPartOf = (part: ReadonlySet<string>, all: ReadonlySet<string>) =>
  [...part].some(({ length }) => length >= LONG_WORD) && [...part].every((word) => all.has(word));

/** What is left of a name without case, accents, blanks and punctuation; all of it, where that is nothing. */
export function lettersOf(name: string): string {
  const lower = asSeen(name).normalize('NFKD').toLowerCase();
  return lower.replace(/[^\p{L}\p{N}]/gu, '') || lower;
}

/**
 * Insertions, deletions, replacements and exchanges of neighbours between two names; more than `most` is
 * Infinity. Only where so few of them lead is looked at: the time grows with the length of a name, not
 * with its square.
 */
function editsBetween(a: string, b: string, most: number): number {
  if (a === b) return 0;
  if (most === 0 || Math.abs(a.length - b.length) > most) return Infinity;
  let before = new Map(Array.from({ length: most + 1 }, (_, j) => [j, j]));
  let twoBefore = new Map<number, number>();
  for (let i = 1; i <= a.length; i++) {
    const now = new Map<number, number>();
    const at = (line: Map<number, number>, j: number) => line.get(j) ?? Infinity;
    for (let j = Math.max(0, i - most); j <= Math.min(b.length, i + most); j++) {
      const replaced = j === 0 ? i : at(before, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isExchange = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const exchanged = isExchange ? at(twoBefore, j - 2) + 1 : Infinity;
      now.set(j, Math.min(replaced, exchanged, at(before, j) + 1, at(now, j - 1) + 1));
    }
    if (Math.min(...now.values(), ...before.values()) > most) return Infinity;
    twoBefore = before;
    before = now;
  }
  const edits = before.get(b.length) ?? Infinity;
  return edits <= most ? edits : Infinity;
}
