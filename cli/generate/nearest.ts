/** The word that somebody meant. */

/** Words further away than this share of their length are not meant. */
const MOST_EDITS = 0.4;

/** The nearest of some words by insertions, deletions and replacements (Levenshtein); undefined when none is near. */
export function nearest(word: string, words: readonly string[]): string | undefined {
  const [best] = words
    .map((each) => ({ each, edits: distance(word.toLowerCase(), each) }))
    .sort((a, b) => a.edits - b.edits);
  return best && best.edits <= Math.ceil(MOST_EDITS * best.each.length) ? best.each : undefined;
}

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
