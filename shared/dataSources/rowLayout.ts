/** Writing rows of cells as JSON, by the shape that the header gives them. */
import type { Header, ListPlace, ObjectPlace, Place } from './columns.ts';
import type { CsvRow } from './csvTokens.ts';

/** The part of a row that is written: its cells as JSON, and where each ends. */
export type Cells = Pick<CsvRow, 'bytes' | 'ends'>;

/** Writes rows, or values in them, of one shape. */
export interface RowLayout {
  /** The most bytes that it takes besides those of the cells. */
  readonly frameBytes: number;
  /** Writes the cells from `at` on and answers where it ended. */
  write(cells: Cells, to: Uint8Array, at: number): number;
}

/** Writes the rows of a table. */
export interface TableLayout extends RowLayout {
  /** Bytes that a row takes besides those of its cells and the frame. */
  repeatedBytes(cells: Cells): number;
}

const NULL = Buffer.from('null');
const COMMA = 0x2c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const CLOSE_OBJECT = 0x7d;

/** Longer stretches are copied faster by the platform than byte by byte. */
const LONG_BYTES = 64;

/** Copies a stretch of bytes; answers where it ends. */
export function copy(
  from: Uint8Array,
  start: number,
  end: number,
  to: Uint8Array,
  at: number,
): number {
  if (end - start > LONG_BYTES) {
    to.set(from.subarray(start, end), at);
    return at + end - start;
  }
  let target = at;
  for (let i = start; i < end; i++) to[target++] = from[i] as number;
  return target;
}

/** Copies all of these bytes; answers where they end. */
export const copyBytes = (from: Uint8Array, to: Uint8Array, at: number): number =>
  copy(from, 0, from.length, to, at);

const writeNull = (to: Uint8Array, at: number) => copy(NULL, 0, NULL.length, to, at);

const cellStart = (ends: Uint32Array, column: number) =>
  column === 0 ? 0 : (ends[column - 1] as number);

export const isAbsent = ({ ends }: Cells, column: number) =>
  cellStart(ends, column) === ends[column];

function writeCell(
  bytes: Uint8Array,
  ends: Uint32Array,
  column: number,
  to: Uint8Array,
  at: number,
): number {
  const start = cellStart(ends, column);
  const end = ends[column] as number;
  return start === end ? writeNull(to, at) : copy(bytes, start, end, to, at);
}

/**
 * Compiles the header of a table. Where an entry of a list is not at its own number, because one before
 * it is absent or numbers are left out, the columns of that field are written by their own names too:
 * a tag that is spelt like one of them must read it, and not what has come to stand there.
 */
export function compileTable({ shape, columns }: Pick<Header, 'shape' | 'columns'>): TableLayout {
  const layout = compileLayout(shape);
  const numbered = [...shape.fields.values()].filter(hasList).map((place) => ({
    isDisplaced: compileDisplaced(place),
    columns: columnsIn(place).map((column) => ({
      column,
      key: Buffer.from(`,${JSON.stringify(columns[column])}:`),
    })),
  }));
  if (numbered.length === 0) return { ...layout, repeatedBytes: () => 0 };

  const bytesOf = ({ ends }: Cells, column: number) =>
    (ends[column] as number) - cellStart(ends, column) || NULL.length;
  return {
    frameBytes: layout.frameBytes,
    repeatedBytes: (cells) =>
      numbered
        .filter((field) => field.isDisplaced(cells))
        .flatMap((field) => field.columns)
        .reduce((sum, { column, key }) => sum + key.length + bytesOf(cells, column), 0),
    write(cells, to, at) {
      let end = layout.write(cells, to, at);
      for (const field of numbered) {
        if (!field.isDisplaced(cells)) continue;
        // Before the bracket that closes the row.
        end--;
        for (const { column, key } of field.columns) {
          end = copy(key, 0, key.length, to, end);
          end = writeCell(cells.bytes, cells.ends, column, to, end);
        }
        to[end++] = CLOSE_OBJECT;
      }
      return end;
    },
  };
}

const hasList = (place: Place): boolean =>
  place.kind === 'list' ||
  (place.kind === 'object' && [...place.fields.values()].some((inner) => hasList(inner)));

/** Tells whether some entry of a list in this place comes to stand at another number than its own. */
export function compileDisplaced(place: Place): (cells: Cells) => boolean {
  if (place.kind === 'cell') return () => false;
  if (place.kind === 'object') {
    const fields = [...place.fields.values()].filter(hasList).map(compileDisplaced);
    return (cells) => fields.some((isDisplaced) => isDisplaced(cells));
  }
  const entries = inOrder(place).map(([number, entry]) => ({
    number,
    columns: columnsIn(entry),
    isDisplaced: compileDisplaced(entry),
  }));
  return (cells) => {
    let position = 0;
    for (const { number, columns, isDisplaced } of entries) {
      if (columns.every((column) => isAbsent(cells, column))) continue;
      position++;
      if (number !== position || isDisplaced(cells)) return true;
    }
    return false;
  };
}

/** The entries of a list by their numbers. */
export const inOrder = ({ entries }: ListPlace) => [...entries].sort(([a], [b]) => a - b);

/**
 * Compiles a shape. An object or a list's entry whose cells are all absent is absent as a whole: the
 * object is null, the entry is left out. The row itself always is an object.
 */
function compileLayout({ fields }: ObjectPlace): RowLayout {
  const keys = [...fields.keys()].map((name, i) =>
    Buffer.from(`${i === 0 ? '{' : ','}${JSON.stringify(name)}:`),
  );
  const places = [...fields.values()];
  // Most fields are plain cells: they are told apart by an array look-up, without a call.
  const columns = Int32Array.from(places, (place) => (place.kind === 'cell' ? place.column : -1));
  const values = places.map(compilePlace);
  const keyBytes = keys.reduce((sum, key) => sum + key.length, 0);
  return {
    frameBytes: values.reduce((sum, value) => sum + value.frameBytes, keyBytes + 1),
    write(cells, to, at) {
      const { bytes, ends } = cells;
      let end = at;
      for (let i = 0; i < keys.length; i++) {
        const key = keys[i] as Buffer;
        const column = columns[i] as number;
        end = copy(key, 0, key.length, to, end);
        end =
          column >= 0
            ? writeCell(bytes, ends, column, to, end)
            : (values[i] as RowLayout).write(cells, to, end);
      }
      to[end] = CLOSE_OBJECT;
      return end + 1;
    },
  };
}

function compilePlace(place: Place): RowLayout {
  switch (place.kind) {
    case 'cell':
      return {
        frameBytes: NULL.length,
        write: ({ bytes, ends }, to, at) => writeCell(bytes, ends, place.column, to, at),
      };
    case 'object':
      return orNull(compileLayout(place), columnsIn(place));
    case 'list':
      return compileList(place);
  }
}

function orNull(layout: RowLayout, columns: readonly number[]): RowLayout {
  return {
    frameBytes: layout.frameBytes + NULL.length,
    write: (cells, to, at) =>
      columns.every((column) => isAbsent(cells, column))
        ? writeNull(to, at)
        : layout.write(cells, to, at),
  };
}

function compileList(list: ListPlace): RowLayout {
  const entries = inOrder(list).map(([, place]) => ({
    layout: compilePlace(place),
    columns: columnsIn(place),
  }));
  return {
    frameBytes: entries.reduce((sum, { layout }) => sum + layout.frameBytes + 1, 2),
    write(cells, to, at) {
      let end = at;
      to[end++] = OPEN_LIST;
      for (const { layout, columns } of entries) {
        if (columns.every((column) => isAbsent(cells, column))) continue;
        if (end > at + 1) to[end++] = COMMA;
        end = layout.write(cells, to, end);
      }
      to[end] = CLOSE_LIST;
      return end + 1;
    },
  };
}

/** The columns of all cells in a place. */
export function columnsIn(place: Place): number[] {
  if (place.kind === 'cell') return [place.column];
  const inner = place.kind === 'object' ? place.fields.values() : place.entries.values();
  return [...inner].flatMap(columnsIn);
}
