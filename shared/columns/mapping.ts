/** Columns that people name for tags: `options.mapping` of a task. */
import { append } from './append.ts';
import { asSeen } from './asSeen.ts';
import { stepsOf } from './columnPath.ts';
import { nearestAmong } from './nearest.ts';
import { quoteName, quoteTag } from './quoteName.ts';

/** Column by tag. */
export type Mapping = Readonly<Record<string, string>>;

/** What is wrong with one pair, as a sentence. */
export interface MappingFault {
  readonly tag: string;
  readonly detail: string;
}

export interface ResolvedMapping {
  /** Keys and paths by the name of a tag (spellings.ts). */
  readonly mapped: ReadonlyMap<string, readonly string[]>;
  readonly faults: readonly MappingFault[];
}

/**
 * Finds the tags and columns that a mapping names; they are compared as people see them.
 * @param names of all tags of the task
 * @param columns header paths, such as `address.city` and `items[1].name`
 */
export function resolveMapping(
  mapping: Mapping,
  names: readonly string[],
  columns: readonly string[],
): ResolvedMapping {
  const mapped = new Map<string, readonly string[]>();
  const faults: MappingFault[] = [];
  const tags = bySight(names);
  const paths = bySight(columns);
  const fields = bySight(
    columns.flatMap((column) => stepsOf(column).filter((step) => typeof step === 'string')),
  );
  for (const [tag, column] of Object.entries(mapping)) {
    const named = tags.get(asSeen(tag));
    const [path] = paths.get(asSeen(column)) ?? [];
    const [field] = fields.get(asSeen(column)) ?? [];
    const found = path === undefined ? field && [field] : waysTo(path);
    if (!named) {
      const hint = hintOf(tag, names, (name) => quoteTag(name));
      faults.push({
        tag,
        detail: `No template has the tag ${quoteTag(tag)}, nor has fileName.${hint}`,
      });
    } else if (!found) {
      const hint = hintOf(column, columns, quoteName);
      faults.push({
        tag,
        detail: `The rows have no column ${quoteName(column)} for the tag ${quoteTag(tag)}.${hint}`,
      });
    } else for (const name of named) mapped.set(name, found);
  }
  return { mapped, faults };
}

function bySight(names: readonly string[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const name of new Set(names)) append(found, asSeen(name), name);
  return found;
}

/** A column by its whole path, and by what is left of that within the entries of lists. */
function waysTo(column: string): string[] {
  const ways = [column];
  const steps = stepsOf(column);
  for (const [i, step] of steps.entries()) {
    const rest = steps.slice(i + 1);
    if (typeof step === 'number' && typeof rest[0] === 'string') {
      const text = rest.reduce<string>(
        (path, each) =>
          typeof each === 'number' ? `${path}[${each}]` : path === '' ? each : `${path}.${each}`,
        '',
      );
      ways.push(text);
    }
  }
  return ways;
}

function hintOf(name: string, names: readonly string[], quote: (name: string) => string): string {
  const nearest = nearestAmong(names.map((each) => ({ column: each, names: [each] })))(name);
  return nearest === undefined ? '' : ` Did you mean ${quote(nearest)}?`;
}
