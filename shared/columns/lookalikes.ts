/** Columns that people cannot tell apart. */
import { append } from './append.ts';
import { asSeen } from './asSeen.ts';
import { quoteName } from './quoteName.ts';

/** Groups of lookalikes that are named; the others are counted. */
const LISTED = 10;

/** A warning for each two columns that look the same although their names differ. */
export function lookalikeWarnings(columns: readonly string[]): string[] {
  const groups = new Map<string, string[]>();
  for (const column of columns) append(groups, asSeen(column), column);
  const alike = [...groups.values()].filter((group) => group.length > 1);
  const warnings = alike.slice(0, LISTED).map((group) => {
    const [first = '', second = ''] = group;
    const more = group.length > 2 ? ` (and ${group.length - 2} more)` : '';
    return `The columns ${quoteName(first)} and ${quoteName(second)}${more} look the same: a tag reads the one that it is spelt like, and else the first. Rename one.`;
  });
  const unlisted = alike.length - warnings.length;
  if (unlisted > 0) warnings.push(`And ${unlisted} more columns look like another.`);
  return warnings;
}
