/** Which columns a tag reads that is not spelt quite like them: found once for a template and its columns. */
import * as z from 'zod';
import { append } from './append.ts';
import { asSeen } from './asSeen.ts';
import { mayBePath, stepsOf } from './columnPath.ts';
import { fieldNameOf } from './mergeFieldNames.ts';

/**
 * Further keys that a name of a tag, or a step of its path, is looked up by where it is not itself a key
 * of the row, in the order in which they are tried.
 */
export type Spellings = ReadonlyMap<string, readonly string[]>;

/** Spellings as JSON holds them. */
export const SpellingsSchema = z.record(z.string(), z.array(z.string()));

/** A name that is to be found among columns. */
export interface WantedName {
  readonly name: string;
  /** Whether it is a field's of Word's mail merge, which knows no blanks and no signs. */
  readonly isMergeField?: boolean;
}

/** The names of all columns and fields, by what people see, and by what Word's mail merge calls them. */
interface KnownNames {
  readonly bySight: ReadonlyMap<string, readonly string[]>;
  readonly byField: ReadonlyMap<string, readonly string[]>;
}

/** Columns that one column is taken for where a name fits several; the others are only reached by their own. */
const MOST_SPELLINGS = 8;

/**
 * Looks at columns once, for any number of templates.
 * @param columns header paths, such as `address.city` and `items[1].name`
 * @returns for wanted names: undefined when every name is spelt like its column or has none, the usual case
 */
export function createSpellings(columns: readonly string[]) {
  const known = knownNames(columns);
  return (wanted: readonly WantedName[]): Spellings | undefined => {
    const found = new Map<string, readonly string[]>();
    const look = (name: string, isMergeField: boolean) => {
      if (name === '.' || found.has(name)) return;
      const same = known.bySight.get(asSeen(name)) ?? [];
      const others = same.length === 0 && isMergeField ? known.byField.get(fieldKey(name)) : same;
      const further = (others ?? []).filter((other) => other !== name).slice(0, MOST_SPELLINGS);
      if (further.length > 0) found.set(name, further);
    };
    for (const { name, isMergeField = false } of wanted) {
      look(name, isMergeField);
      if (!mayBePath(name)) continue;
      for (const step of stepsOf(name)) if (typeof step === 'string') look(step, isMergeField);
    }
    return found.size > 0 ? found : undefined;
  };
}

function knownNames(columns: readonly string[]): KnownNames {
  const names = new Set<string>();
  for (const column of columns) {
    names.add(column);
    for (const step of stepsOf(column)) if (typeof step === 'string') names.add(step);
  }
  const bySight = new Map<string, string[]>();
  const byField = new Map<string, string[]>();
  for (const name of names) {
    append(bySight, asSeen(name), name);
    append(byField, fieldKey(fieldNameOf(name)), name);
  }
  return { bySight, byField };
}

/** Word compares the names of its fields without regard to case; its versions differ in how many `_` they write. */
const fieldKey = (name: string) => asSeen(name).toLowerCase().replace(/_+/g, '_');
