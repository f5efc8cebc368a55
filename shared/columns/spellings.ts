/** Which columns a tag reads that is not spelt quite like them: found once for a template and its columns. */
import * as z from 'zod';
import { append } from './append.ts';
import { asSeen } from './asSeen.ts';
import { mayBePath, stepsOf } from './columnPath.ts';
import { fieldNameOf } from './mergeFieldNames.ts';
import { lettersOf } from './nearest.ts';

export interface Spellings {
  /**
   * Further keys that a name of a tag, or a step of its path, is looked up by where it is not itself a key
   * of the row, in the order in which they are tried.
   */
  get(name: string): readonly string[] | undefined;
  /** Keys and paths that are read instead of a name, for people who said so, in the order in which they are tried. */
  readonly mapped?: ReadonlyMap<string, readonly string[]> | undefined;
}

/** Spellings as JSON holds them. */
export const SpellingsSchema = z.record(z.string(), z.array(z.string()));

/** A name that is to be found among columns. */
export interface WantedName {
  readonly name: string;
  /** Whether it is a field's of Word's mail merge, which knows no blanks and no signs. */
  readonly isMergeField?: boolean;
}

/** The names of all columns and fields, by what people see, what Word's mail merge calls them, and their letters. */
interface KnownNames {
  readonly bySight: ReadonlyMap<string, readonly string[]>;
  readonly byField: ReadonlyMap<string, readonly string[]>;
  readonly byLetters: ReadonlyMap<string, readonly string[]>;
  /** The fields that a name is in: columns of one table are in one. */
  readonly placesOf: ReadonlyMap<string, ReadonlySet<string>>;
}

/** How tags and columns go together where they are not spelt alike. */
export interface FoundSpellings {
  /** Undefined when every name is spelt like its column or has none, the usual case. */
  readonly spellings: ReadonlyMap<string, readonly string[]> | undefined;
  /** Names that differ from their column in more than people overlook: in case, blanks, signs or accents. */
  readonly matched: readonly { readonly name: string; readonly column: string }[];
  /** Names that are so near to several columns: none is taken. */
  readonly ambiguous: readonly { readonly name: string; readonly columns: readonly string[] }[];
}

/** Columns that one column is taken for where a name fits several; the others are only reached by their own. */
const MOST_SPELLINGS = 8;

/**
 * Looks at columns once, for any number of templates.
 * @param columns header paths, such as `address.city` and `items[1].name`
 * @returns for wanted names: what they are spelt like among the columns
 */
export function createSpellings(columns: readonly string[]) {
  const known = knownNames(columns);
  return (wanted: readonly WantedName[]): FoundSpellings => {
    const found = new Map<string, readonly string[]>();
    const matched: { name: string; column: string }[] = [];
    const ambiguous: { name: string; columns: readonly string[] }[] = [];
    const seen = new Set<string>();
    const look = (name: string, isMergeField: boolean) => {
      if (name === '.' || seen.has(name)) return;
      seen.add(name);
      const same = known.bySight.get(asSeen(name)) ?? [];
      const others = same.length === 0 && isMergeField ? known.byField.get(fieldKey(name)) : same;
      const further = (others ?? []).filter((other) => other !== name).slice(0, MOST_SPELLINGS);
      if (further.length > 0) found.set(name, further);
      else if (same.length === 0) lookNear(name);
    };
    const lookNear = (name: string) => {
      const near = known.byLetters.get(lettersOf(name)) ?? [];
      const [column] = near;
      if (column === undefined) return;
      if (areTogether(near, known)) ambiguous.push({ name, columns: near });
      else {
        found.set(name, near.slice(0, MOST_SPELLINGS));
        matched.push({ name, column });
      }
    };
    for (const { name, isMergeField = false } of wanted) {
      look(name, isMergeField);
      if (!mayBePath(name)) continue;
      for (const step of stepsOf(name)) if (typeof step === 'string') look(step, isMergeField);
    }
    return { spellings: found.size > 0 ? found : undefined, matched, ambiguous };
  };
}

/** Whether two of some names stand in one table, so that a row has both. */
function areTogether(names: readonly string[], { placesOf }: KnownNames): boolean {
  const seen = new Set<string>();
  return names.some((name) => {
    const places = [...(placesOf.get(name) ?? [])];
    const isTaken = places.some((place) => seen.has(place));
    for (const place of places) seen.add(place);
    return isTaken;
  });
}

function knownNames(columns: readonly string[]): KnownNames {
  const placesOf = new Map<string, Set<string>>();
  const add = (name: string, place: string) => {
    const places = placesOf.get(name) ?? new Set();
    placesOf.set(name, places.add(place));
  };
  for (const column of columns) {
    add(column, '');
    let place = '';
    for (const step of stepsOf(column)) {
      if (typeof step !== 'string') continue;
      add(step, place);
      place = `${place}.${step}`;
    }
  }
  const bySight = new Map<string, string[]>();
  const byField = new Map<string, string[]>();
  const byLetters = new Map<string, string[]>();
  for (const name of placesOf.keys()) {
    append(bySight, asSeen(name), name);
    append(byField, fieldKey(fieldNameOf(name)), name);
    append(byLetters, lettersOf(name), name);
  }
  return { bySight, byField, byLetters, placesOf };
}

/** Word compares the names of its fields without regard to case; its versions differ in how many `_` they write. */
const fieldKey = (name: string) => asSeen(name).toLowerCase().replace(/_+/g, '_');
