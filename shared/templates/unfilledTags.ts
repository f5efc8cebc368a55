/** Tags that no column can fill: the commonest first mistake, and one that makes blank documents in silence. */
import type { Tag } from '../schemas/common.ts';

export interface UnfilledTag {
  /** As written in the template. */
  readonly name: string;
  /** The column that is nearly called so, if there is one. */
  readonly nearest?: string;
}

/** Half of a name may not be wrong: beyond a third, and beyond two characters, it is another word. */
const MAX_EDITS = 2;
const EDITS_PER_CHARACTER = 1 / 3;

/**
 * The tags that read nothing from rows with these columns, each name once, in the order of the template.
 * A tag that might be filled is not among them.
 * @param columns header paths, such as `address.city` and `items[1].name`
 * @param areFlat whether a column without further ones below it holds no fields of its own: so in CSV,
 *   not in JSON
 */
export function unfilledTags(
  tags: readonly Tag[],
  columns: readonly string[],
  areFlat: boolean,
): UnfilledTag[] {
  const paths = columns.map(segments);
  const isFilled = ({ name, path }: Tag) => {
    const wanted = segments(name);
    const around = new Set(path.flatMap(segments));
    return (
      name === '.' ||
      columns.includes(name) ||
      paths.some((column) => mayFill(column, wanted, around, areFlat))
    );
  };
  const names = new Set(tags.filter((tag) => !isFilled(tag)).map(({ name }) => name));
  return [...names].map((name) => {
    const nearest = nearestTo(name, columns);
    return nearest === undefined ? { name } : { name, nearest };
  });
}

/** `items[2].name` → items, name. */
const segments = (path: string) => path.replace(/\[\d+\]/g, '').split('.');

/** Whether a tag that stands in the sections `around` may find what it wants in this column. */
function mayFill(
  column: readonly string[],
  wanted: readonly string[],
  around: ReadonlySet<string>,
  areFlat: boolean,
): boolean {
  for (let start = 0; start < column.length; start++) {
    const rest = column.slice(start);
    const common = Math.min(rest.length, wanted.length);
    const agrees = rest.slice(0, common).every((segment, i) => segment === wanted[i]);
    if (agrees && (rest.length >= wanted.length || !areFlat)) return true;
    // Further down only through sections that are open where the tag stands.
    if (!around.has(column[start] ?? '')) return false;
  }
  return !areFlat;
}

function nearestTo(name: string, columns: readonly string[]): string | undefined {
  const plain = fold(name);
  const allowed = Math.min(MAX_EDITS, Math.floor(plain.length * EDITS_PER_CHARACTER));
  let best: { column: string; edits: number } | undefined;
  for (const column of columns) {
    const edits = Math.min(
      editsBetween(plain, fold(column), allowed),
      // Within a list or an object it is the last part that a tag names.
      editsBetween(plain, fold(segments(column).at(-1) ?? ''), allowed),
    );
    if (edits <= allowed && edits < (best?.edits ?? Infinity)) best = { column, edits };
  }
  return best?.column;
}

/** What is left of a name without case, accents and punctuation. */
const fold = (name: string) =>
  name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');

/** Insertions, deletions and replacements between two names; more than `most` is Infinity. */
function editsBetween(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) return Infinity;
  let before = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const now = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (before[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      now.push(Math.min(replaced, (before[j] ?? 0) + 1, (now[j - 1] ?? 0) + 1));
    }
    before = now;
  }
  const edits = before[b.length] ?? Infinity;
  return edits <= most ? edits : Infinity;
}
