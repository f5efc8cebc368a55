/**
 * Which sheets and columns the tags of a template ask for: one sheet of rows, and one for each list, with the
 * columns in the order of the tags. A template does not say whether `{#bonus}` is a list, an object or a
 * condition: it is told by what else reads it.
 */
import { asSeen } from '../columns/asSeen.ts';
import { fieldsOf, stepsOf } from '../columns/columnPath.ts';
import {
  isListName,
  ITEM_COLUMN,
  KEY_COLUMN,
  LIST_MARK,
  meet,
  wayToList,
} from '../columns/listColumns.ts';
import { isReservedName } from '../dataSources/rowShape.ts';
import { MAX_LIST_DEPTH } from '../limits.ts';
import type { Tag } from '../schemas/common.ts';
import { kindRead, readFormats, tagsRead } from '../tags/compileFormats.ts';
import { sectionKinds, type SectionKind } from './sectionKinds.ts';

/** What is to be written into a column. */
export type ColumnKind = 'text' | 'date' | 'number' | 'condition';

export interface SheetColumn {
  /** Its header, and the path by which it is read. */
  readonly name: string;
  readonly kind: ColumnKind;
  /** Whether a column around the list is called so, too: that is read where this one is empty. */
  readonly isOuterToo: boolean;
}

/** The sheet of rows, or of a list. */
export interface PlannedSheet {
  /** Names of the lists that lead to it, outermost first; none for the rows. */
  readonly lists: readonly string[];
  readonly columns: readonly SheetColumn[];
  /** Whether lists belong to its rows. */
  readonly hasLists: boolean;
}

export interface PlannedSheets {
  /** The rows first, then lists, each before those in it. */
  readonly sheets: readonly PlannedSheet[];
  /** Names of tags that no sheet can have a column or a list for. */
  readonly unfillable: readonly string[];
}

interface Column {
  readonly name: string;
  readonly kinds: Set<ColumnKind>;
}

/** A sheet while tags are looked at. */
interface Scope {
  readonly lists: readonly string[];
  readonly outer: Scope | undefined;
  readonly columns: Map<string, Column>;
  readonly inner: Map<string, Scope>;
}

const newScope = (lists: readonly string[], outer?: Scope): Scope => ({
  lists,
  outer,
  columns: new Map(),
  inner: new Map(),
});

/** Plans the sheets for a template's tags. */
export function sheetsOfTags(templateTags: readonly Tag[]): PlannedSheets {
  const tags = tagsRead(templateTags);
  const kindOf = sectionKinds(tags);
  const rows = newScope([]);
  const unfillable = new Set<string>();

  // Lists first: a path such as items[1].name leads into one, wherever it stands.
  const inOrder = [...tags].sort((a, b) => depthOf(a, kindOf) - depthOf(b, kindOf));
  for (const tag of inOrder) {
    if (tag.name !== '.' && kindOf(tag.name) === 'list') enterList(scopeOf(tag.path), tag.name);
  }
  for (const tag of tags) addColumn(tag);

  /** Where what stands in some sections is read, and what leads there. */
  function scopeOf(path: readonly string[]): { scope: Scope; prefix: string } | undefined {
    let scope = rows;
    let prefix = '';
    for (const name of path) {
      const kind = kindOf(name);
      if (kind === 'object') prefix = `${prefix}${name}.`;
      if (kind !== 'list') continue;
      const entered = enterList({ scope, prefix }, name);
      if (!entered) return undefined;
      scope = entered;
      prefix = '';
    }
    return { scope, prefix };
  }

  /** The list of the name that a section enters: one around it, if there is one, or its own. */
  function enterList(
    at: { scope: Scope; prefix: string } | undefined,
    name: string,
  ): Scope | undefined {
    if (!at) return undefined;
    const { scope, prefix } = at;
    const path = prefix + name;
    for (let around: Scope | undefined = scope; around; around = around.outer) {
      const found = around.inner.get(asSeen(path)) ?? around.inner.get(asSeen(name));
      if (found) return found;
    }
    const lists = [...scope.lists, path];
    if (!mayBeList(path) || lists.length > MAX_LIST_DEPTH) {
      unfillable.add(name);
      return undefined;
    }
    const made = newScope(lists, scope);
    scope.inner.set(asSeen(path), made);
    return made;
  }

  function addColumn({ name, kind, path, formats }: Tag) {
    const isList = name !== '.' && kindOf(name) === 'list';
    if (isList || (name === '.' && kind !== 'value')) return;
    const at = scopeOf(path);
    if (!at) {
      unfillable.add(name);
      return;
    }
    if (kind !== 'value' && kindOf(name) === 'object') return;
    const { scope, column } = placeOf(at, name);
    if (!mayBeColumn(column)) {
      unfillable.add(name);
      return;
    }
    const seen = asSeen(column);
    const found = scope.columns.get(seen) ?? { name: column, kinds: new Set() };
    found.kinds.add(columnKind(kind, formats));
    scope.columns.set(seen, found);
  }

  const told = (name: string) => void unfillable.add(name);
  const sheets = planned(rows, told);
  return { sheets, unfillable: [...unfillable] };
}

/** The column that a name is read from; one that leads through a list is a column of that. */
function placeOf({ scope, prefix }: { scope: Scope; prefix: string }, name: string) {
  if (name === '.') return { scope, column: ITEM_COLUMN };
  const column = prefix + name;
  const fields = fieldsOf(column);
  for (let around: Scope | undefined = scope; around; around = around.outer) {
    for (let count = fields.length - 1; count > 0; count--) {
      const list = around.inner.get(asSeen(fields.slice(0, count).join('.')));
      if (list) return { scope: list, column: fields.slice(count).join('.') };
    }
  }
  return { scope, column };
}

function columnKind(kind: Tag['kind'], formats: Tag['formats']): ColumnKind {
  const reads = kindRead(readFormats(formats));
  if (reads === 'date' || reads === 'number') return reads;
  return kind === 'value' || (formats?.length ?? 0) > 0 ? 'text' : 'condition';
}

/** A date or number that is also printed as it is stays one; a condition that is printed is a text. */
function settledKind(kinds: ReadonlySet<ColumnKind>): ColumnKind {
  if (kinds.has('date') && kinds.has('number')) return 'text';
  for (const kind of ['date', 'number', 'text'] as const) if (kinds.has(kind)) return kind;
  return 'condition';
}

const isReserved = (name: string) => fieldsOf(name).some(isReservedName);
const mayBeColumn = (name: string) =>
  name.trim() !== '' && name !== KEY_COLUMN && !isReserved(name);
const mayBeList = (name: string) =>
  isListName(name) &&
  !name.includes(LIST_MARK) &&
  !isReserved(name) &&
  stepsOf(name).every((step) => typeof step === 'string');

const depthOf = ({ path }: Tag, kindOf: (name: string) => SectionKind) =>
  path.filter((name) => kindOf(name) === 'list').length;

/** @param leaveOut is told of what has no place beside a list */
function planned(scope: Scope, leaveOut: (name: string) => void): PlannedSheet[] {
  const inner: Scope[] = [];
  const ways: string[][] = [];
  const isTaken = (way: readonly string[]) => ways.some((each) => meet(each, way));
  // Outer places first: a list in an object that is a list itself has none.
  const lists = [...scope.inner.values()].sort((a, b) => nameOf(a).length - nameOf(b).length);
  for (const list of lists) {
    const way = wayToList(nameOf(list));
    if (isTaken(way)) leaveOut(nameOf(list));
    else {
      ways.push(way);
      inner.push(list);
    }
  }
  const columns: SheetColumn[] = [];
  for (const { name, kinds } of scope.columns.values()) {
    if (isTaken(fieldsOf(name))) leaveOut(name);
    else {
      const isOuterToo = isAround(scope.outer, name);
      columns.push({ name, kind: settledKind(kinds), isOuterToo });
    }
  }
  // `{.}` prints entries that are values: those have no columns beside it.
  const own = columns.filter(({ name }) => name !== ITEM_COLUMN || columns.length === 1);
  const isPlain = scope.outer !== undefined && own.length === 0 && inner.length === 0;
  const item: SheetColumn = { name: ITEM_COLUMN, kind: 'text', isOuterToo: false };
  const sheet = {
    lists: scope.lists,
    columns: isPlain ? [item] : own,
    hasLists: inner.length > 0,
  };
  // In the order in which they stand in the template.
  const inOrder = [...scope.inner.values()].filter((each) => inner.includes(each));
  return [sheet, ...inOrder.flatMap((each) => planned(each, leaveOut))];
}

const nameOf = ({ lists }: Scope) => lists.at(-1) ?? '';

const isAround = (scope: Scope | undefined, name: string): boolean =>
  scope !== undefined && (scope.columns.has(asSeen(name)) || isAround(scope.outer, name));

/** The header of the column with the keys of what has a list: `#orders#items`. */
export const listHeader = (lists: readonly string[]): string =>
  lists.map((name) => LIST_MARK + name).join('');
