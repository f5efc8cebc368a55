/** Writing rows of cells as JSON, by the shape that the header gives them. */
import type { ListPlace, ObjectPlace, Place } from './columns.ts';
import type { CsvRow } from './csvTokens.ts';

/** The part of a row that is written. */
type Cells = Pick<CsvRow, 'bytes' | 'ends'>;

/** Writes rows, or values in them, of one shape. */
export interface RowLayout {
  /** The most bytes that it takes besides those of the cells. */
  readonly frameBytes: number;
  /** Writes the cells from `at` on and answers where it ended. */
  write(cells: Cells, to: Uint8Array, at: number): number;
}

const NULL = Buffer.from('null');
const COMMA = 0x2c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const CLOSE_OBJECT = 0x7d;

/** Longer stretches are copied faster by the platform than byte by byte. */
const LONG_BYTES = 64;

function copy(from: Uint8Array, start: number, end: number, to: Uint8Array, at: number): number {
  if (end - start > LONG_BYTES) {
    to.set(from.subarray(start, end), at);
    return at + end - start;
  }
  let target = at;
  for (let i = start; i < end; i++) to[target++] = from[i] as number;
  return target;
}

const writeNull = (to: Uint8Array, at: number) => copy(NULL, 0, NULL.length, to, at);

const cellStart = (ends: Uint32Array, column: number) =>
  column === 0 ? 0 : (ends[column - 1] as number);

const isAbsent = ({ ends }: Cells, column: number) => cellStart(ends, column) === ends[column];

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
 * Compiles a shape. An object or a list's entry whose cells are all absent is absent as a whole: the
 * object is null, the entry is left out. The row itself always is an object.
 */
export function compileLayout({ fields }: ObjectPlace): RowLayout {
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

function compileList({ entries }: ListPlace): RowLayout {
  const inOrder = [...entries]
    .sort(([a], [b]) => a - b)
    .map(([, place]) => ({ layout: compilePlace(place), columns: columnsIn(place) }));
  return {
    frameBytes: inOrder.reduce((sum, { layout }) => sum + layout.frameBytes + 1, 2),
    write(cells, to, at) {
      let end = at;
      to[end++] = OPEN_LIST;
      for (const { layout, columns } of inOrder) {
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
function columnsIn(place: Place): number[] {
  if (place.kind === 'cell') return [place.column];
  const inner = place.kind === 'object' ? place.fields.values() : place.entries.values();
  return [...inner].flatMap(columnsIn);
}
