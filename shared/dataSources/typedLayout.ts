/**
 * Writing what is behind the shown values of a row, in the shape of the row itself: objects have only the
 * fields that have something behind them, lists have as many entries as the row's.
 */
import type { Header, ListPlace, ObjectPlace, Place } from './columns.ts';
import {
  compileDisplaced,
  columnsIn,
  copy,
  copyBytes,
  inOrder,
  isAbsent,
  type Cells,
} from './rowLayout.ts';

const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const COMMA = 0x2c;
const NULL = Buffer.from('null');

/** Writes the typed values of rows of one shape. */
export interface TypedLayout {
  /** The most bytes that it takes besides those of the values, which displaced columns have twice. */
  readonly frameBytes: number;
  /**
   * Writes an object from `at` on and answers where it ended.
   * @param shown the row's own cells, by which entries of lists are there or not
   */
  write(shown: Cells, typed: Cells, to: Uint8Array, at: number): number;
}

/** Writes a value; answers `at` when there is nothing to write. */
type Write = (shown: Cells, typed: Cells, to: Uint8Array, at: number) => number;

/** Compiles the header of a table; it goes with compileTable (rowLayout.ts). */
export function compileTyped({ shape, columns }: Pick<Header, 'shape' | 'columns'>): TypedLayout {
  const displaced = [...shape.fields.values()]
    .filter((place) => place.kind !== 'cell')
    .map((place) => ({ isDisplaced: compileDisplaced(place), columns: columnsIn(place) }));
  const keys = columns.map((name) => Buffer.from(JSON.stringify(name)));
  const write = writeFields(shape);
  const frame = columns.reduce((sum, name) => sum + 2 * Buffer.byteLength(JSON.stringify(name)), 0);
  return {
    // Brackets, colons, commas and nulls of every column, by its own name and on its way.
    frameBytes: frame + 32 * columns.length + 2,
    write(shown, typed, to, at) {
      let end = write(shown, typed, to, at);
      if (end === at) {
        to[end++] = OPEN_OBJECT;
        to[end++] = CLOSE_OBJECT;
      }
      for (const field of displaced) {
        if (!field.isDisplaced(shown)) continue;
        for (const column of field.columns) {
          if (isAbsent(typed, column)) continue;
          end--;
          if (to[end - 1] !== OPEN_OBJECT) to[end++] = COMMA;
          end = copyBytes(keys[column] as Buffer, to, end);
          to[end++] = 0x3a;
          end = copyCell(typed, column, to, end);
          to[end++] = CLOSE_OBJECT;
        }
      }
      return end;
    },
  };
}

function copyCell({ bytes, ends }: Cells, column: number, to: Uint8Array, at: number): number {
  const start = column === 0 ? 0 : (ends[column - 1] as number);
  return copy(bytes, start, ends[column] as number, to, at);
}

function writePlace(place: Place): Write {
  if (place.kind === 'object') return writeFields(place);
  if (place.kind === 'list') return writeList(place);
  const { column } = place;
  return (_shown, typed, to, at) =>
    isAbsent(typed, column) ? at : copyCell(typed, column, to, at);
}

/** The columns of fields that are cells and nothing else, in their order; undefined when some are not. */
function plainColumns({ fields }: ObjectPlace): Uint32Array | undefined {
  const columns: number[] = [];
  for (const place of fields.values()) {
    if (place.kind !== 'cell') return undefined;
    columns.push(place.column);
  }
  return Uint32Array.from(columns);
}

/** Nearly all tables are flat: no call for each of their cells. */
function writeCells(keys: readonly Uint8Array[], columns: Uint32Array): Write {
  return (_shown, { bytes, ends }, to, at) => {
    let end = at;
    for (let i = 0; i < columns.length; i++) {
      const column = columns[i] as number;
      const start = column === 0 ? 0 : (ends[column - 1] as number);
      const stop = ends[column] as number;
      if (start === stop) continue;
      to[end] = end === at ? OPEN_OBJECT : COMMA;
      end = copyBytes(keys[i] as Uint8Array, to, end + 1);
      end = copy(bytes, start, stop, to, end);
    }
    if (end === at) return at;
    to[end++] = CLOSE_OBJECT;
    return end;
  };
}

function writeFields(shape: ObjectPlace): Write {
  const { fields } = shape;
  const columns = plainColumns(shape);
  if (columns) {
    const keys = Array.from(fields.keys(), (name) => Buffer.from(`${JSON.stringify(name)}:`));
    return writeCells(keys, columns);
  }
  const members = Array.from(fields, ([name, place]) => ({
    key: Buffer.from(`${JSON.stringify(name)}:`),
    write: writePlace(place),
  }));
  return (shown, typed, to, at) => {
    let end = at;
    for (const { key, write } of members) {
      const valueAt = end + 1 + key.length;
      const behind = write(shown, typed, to, valueAt);
      if (behind === valueAt) continue;
      to[end] = end === at ? OPEN_OBJECT : COMMA;
      copyBytes(key, to, end + 1);
      end = behind;
    }
    if (end === at) return at;
    to[end++] = CLOSE_OBJECT;
    return end;
  };
}

function writeList(list: ListPlace): Write {
  const entries = inOrder(list).map(([, place]) => ({
    write: writePlace(place),
    columns: columnsIn(place),
  }));
  return (shown, typed, to, at) => {
    let end = at;
    let hasValues = false;
    for (const { write, columns } of entries) {
      if (columns.every((column) => isAbsent(shown, column))) continue;
      to[end] = end === at ? OPEN_LIST : COMMA;
      const behind = write(shown, typed, to, ++end);
      if (behind === end) end = copyBytes(NULL, to, end);
      else {
        hasValues = true;
        end = behind;
      }
    }
    if (!hasValues) return at;
    to[end++] = CLOSE_LIST;
    return end;
  };
}
