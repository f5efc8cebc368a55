/** Which tags the columns of some rows can fill, and which columns no tag reads. */
import type { Tag } from '../schemas/common.ts';
import { append } from './append.ts';
import { asSeen } from './asSeen.ts';
import { fieldsOf } from './columnPath.ts';
import { nearestAmong } from './nearest.ts';
import type { Spellings } from './spellings.ts';

/** The columns of rows, as header paths name them: `address.city`, `items[1].name`. */
export interface Columns {
  readonly names: readonly string[];
  /**
   * Whether a column without further ones below it holds no fields of its own: so in CSV, and in JSON
   * whose fields are all known.
   */
  readonly areAll: boolean;
  /** Of those, columns that nobody need be told of when no tag reads them. */
  readonly untold?: ReadonlySet<string>;
}

/** A tag, as far as it matters for what it reads. */
export type ReadTag = Pick<Tag, 'name' | 'kind' | 'path'>;

/** A name that no column has. */
export interface UnfilledTag extends ReadTag {
  /** All tags of that name which read nothing, this first one included: elsewhere it may be filled. */
  readonly places: readonly ReadTag[];
  /** The column that is nearly called so, if there is one. */
  readonly nearest?: string;
}

export interface Filling {
  /** The tags that read nothing, each name once, in their order. A tag that might be filled is not among them. */
  readonly unfilled: readonly UnfilledTag[];
  /** Numbers of the columns that some tag reads, or may read. */
  readonly used: ReadonlySet<number>;
}

/** Tags that stand for nothing but values of the row itself. */
export const valueTags = (names: readonly string[]): ReadTag[] =>
  names.map((name) => ({ name, kind: 'value', path: [] }));

/** Tags, and how they are spelt among the columns. */
export interface ColumnReader {
  readonly tags: readonly ReadTag[];
  readonly spellings: Spellings | undefined;
}

/** Numbers of those columns that one of these readers reads, or may read. */
export function columnsReadBy(
  columns: readonly string[],
  readers: readonly ColumnReader[],
): ReadonlySet<number> {
  const fill = createFilling({ names: columns, areAll: true });
  return new Set(readers.flatMap(({ tags, spellings }) => [...fill(tags, spellings).used]));
}

/** A field, by what people see of its name; the entries of a list are one. */
interface Field {
  readonly fields: Map<string, Field>;
  /** Numbers of the columns that end here. */
  readonly columns: number[];
}

/** Columns that an unfilled tag is compared with, to find the nearest: a bound of time. */
const MOST_COMPARED = 2_000;
/** Unfilled tags for which the nearest column is looked for. */
const MOST_LOOKED_UP = 10;

const seenFields = (name: string) => fieldsOf(name).map(asSeen);
const newField = (): Field => ({ fields: new Map(), columns: [] });

/**
 * Looks at columns once, for any number of templates, to compare their tags with: names as people see them,
 * and by their further spellings.
 * @returns for tags, and their spellings as createSpellings() finds them: what these columns fill
 */
export function createFilling({ names, areAll }: Columns) {
  const row = newField();
  const whole = new Map<string, number[]>();
  for (const [column, name] of names.entries()) {
    append(whole, asSeen(name), column);
    let field = row;
    for (const step of seenFields(name)) {
      const inner = field.fields.get(step) ?? newField();
      field.fields.set(step, inner);
      field = inner;
    }
    field.columns.push(column);
  }
  const isOpenEnded = ({ fields, columns }: Field) =>
    !areAll && fields.size === 0 && columns.length > 0;
  const scopesIn = createScopes(row);

  /** Columns that one spelling of a name leads to; undefined when it leads nowhere. */
  function columnsAt(name: string, scopes: readonly Field[]): number[] | undefined {
    const found = [...(whole.get(asSeen(name)) ?? [])];
    let isFound = found.length > 0;
    const wanted = seenFields(name);
    for (const scope of scopes) {
      let field: Field | undefined = scope;
      for (const step of wanted) {
        if (field === undefined || isOpenEnded(field)) break;
        field = field.fields.get(step);
      }
      if (field === undefined || field === row) continue;
      isFound = true;
      found.push(...field.columns);
    }
    return isFound ? found : undefined;
  }

  // Mostly nothing is unfilled: then no column is looked at for it.
  let nearest: ReturnType<typeof createNearest> | undefined;
  const nearestTo = (name: string, around: ReadonlySet<string>) =>
    (nearest ??= createNearest(names.slice(0, MOST_COMPARED)))(name, around);

  return (tags: readonly ReadTag[], spellings?: Spellings): Filling => {
    const around = ({ path }: ReadTag) =>
      new Set(path.flatMap((section) => spelt(section, spellings)).flatMap(seenFields));
    const unfilled = new Map<string, ReadTag[]>();
    const used = new Set<number>();
    for (const tag of tags) {
      if (tag.name === '.') continue;
      const scopes = scopesIn(around(tag));
      const found = spelt(tag.name, spellings).map((name) => columnsAt(name, scopes));
      for (const columns of found) for (const column of columns ?? []) used.add(column);
      const isFilled = found.some((columns) => columns !== undefined);
      if (!isFilled) append(unfilled, tag.name, tag);
    }
    return {
      used,
      unfilled: [...unfilled.values()].flatMap((places, i): UnfilledTag[] => {
        const [tag] = places;
        if (!tag) return [];
        const found = i < MOST_LOOKED_UP ? nearestTo(tag.name, around(tag)) : undefined;
        return [{ ...tag, places, ...(found !== undefined && { nearest: found }) }];
      }),
    };
  };
}

const spelt = (name: string, spellings: Spellings | undefined): readonly string[] =>
  spellings?.mapped?.get(name) ?? [name, ...(spellings?.get(name) ?? [])];

/** The fields that are entered where sections of these names are open: the row, and what they lead to. */
function createScopes(row: Field) {
  const known = new Map<string, readonly Field[]>();
  return (around: ReadonlySet<string>): readonly Field[] => {
    const key = [...around].sort().join('\0');
    const present = known.get(key);
    if (present) return present;
    const scopes = [row];
    for (const scope of scopes) {
      for (const name of around) {
        const inner = scope.fields.get(name);
        if (inner) scopes.push(inner);
      }
    }
    known.set(key, scopes);
    return scopes;
  };
}

/** Looks for the nearest column: first among what can be read where a tag stands, then anywhere. */
function createNearest(names: readonly string[]) {
  const columns = names.map((column) => ({ column, path: seenFields(column) }));
  const known = new Map<string | undefined, (name: string) => string | undefined>();
  const among = (around: ReadonlySet<string> | undefined) => {
    const key = around && [...around].sort().join('\0');
    const present = known.get(key);
    if (present) return present;
    const made = nearestAmong(
      columns.map(({ column, path }) => {
        const starts = path.map((_, start) => start);
        const reached = around
          ? starts.filter((start) => path.slice(0, start).every((step) => around.has(step)))
          : starts.slice(-1);
        return { column, names: [column, ...reached.map((start) => path.slice(start).join('.'))] };
      }),
    );
    known.set(key, made);
    return made;
  };
  return (name: string, around: ReadonlySet<string>) =>
    among(around)(name) ?? among(undefined)(name);
}
