/** Which column fills which tag: as the service compares them, and as somebody says. */
import { compareNames } from '../../../shared/columns/compareTask.ts';
import { groupedColumns } from '../../../shared/orders/groupedColumns.ts';
import type { Tag } from '../../../shared/schemas/common.ts';

/** A name that tags have, and what fills it. */
export interface Match {
  readonly name: string;
  readonly kind: Tag['kind'];
  /** What somebody named for it. */
  readonly chosen: string | undefined;
  /** Whether a column is called like it, and which, where it is spelt otherwise. */
  readonly isFilled: boolean;
  readonly column: string | undefined;
  /** Columns that may be meant. */
  readonly suggestions: readonly string[];
}

export interface Matching {
  readonly matches: readonly Match[];
  /** Tags that nothing fills. */
  readonly unfilled: number;
  readonly unused: readonly string[];
}

/**
 * Those that are not filled come first.
 * @param group the column that makes one document of several rows, which are a list of it then
 */
export function matchColumns(
  tags: readonly Tag[],
  columns: readonly string[],
  mapping: Readonly<Record<string, string>>,
  group?: string,
): Matching {
  const given = { names: columns, areAll: true };
  const filling = group === undefined ? given : groupedColumns(given);
  const compare = (named: Readonly<Record<string, string>>) =>
    compareNames({
      templates: [{ label: '', tags }],
      fileNameTags: [],
      columns: filling,
      mapping: named,
    });
  // What fills a tag by itself shows beside what somebody chose instead.
  const [plain, chosen] = [compare({}), compare(mapping)];
  const unfilled = new Map(plain.unfilled.map((tag) => [tag.name, tag]));
  const spelt = new Map(plain.matched);
  const named = new Map(Object.entries(mapping));
  const found = new Map<string, Match>();
  for (const { name, kind } of tags) {
    if (name === '.' || found.has(name)) continue;
    const missing = unfilled.get(name);
    const near = missing?.nearest === undefined ? [] : [missing.nearest];
    found.set(name, {
      name,
      kind,
      chosen: named.get(name),
      isFilled: missing === undefined,
      column: spelt.get(name),
      suggestions: missing?.choice ?? near,
    });
  }
  const isOpen = ({ isFilled, chosen: column }: Match) => !isFilled && column === undefined;
  const all = [...found.values()];
  return {
    matches: [...all.filter(isOpen), ...all.filter((match) => !isOpen(match))],
    unfilled: chosen.unfilled.length,
    unused: withoutEntries(chosen.unused),
  };
}

/** Columns that can be chosen: of lists, those of the first entry stand for all. */
export const withoutEntries = (columns: readonly string[]): readonly string[] =>
  columns.filter((column) => !/\[(?!1\])\d+\]/.test(column));
