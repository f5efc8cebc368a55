/**
 * The rows of a task that makes one document of all rows which share a value (options.groupBy): a table in
 * the form of its source, with as many lines. The line of a group's first row has its columns and, as
 * `rows`, those of all its rows; the lines of the others are blank, and so skipped.
 *
 * Rows of a group may lie anywhere. What is kept of a row is some numbers; the lines of groups are gathered
 * in one reading of the source for each so many bytes of them.
 */
import { createHash } from 'node:crypto';
import { append } from '../columns/append.ts';
import { readFaults, writeFaults } from '../dataSources/rowFaults.ts';
import { isRow } from '../dataSources/rowShape.ts';
import { allRows, readIndex, readLines, type RowsIndex } from '../dataSources/rows.ts';
import { placeOfRow } from '../dataSources/rowsAt.ts';
import { createRowsWriter, type RowsKeys, type RowsWriter } from '../dataSources/rowsWriter.ts';
import { GROUPED_AT_ONCE_BYTES, MAX_ROW_BYTES } from '../limits.ts';
import type { Ports } from '../ports.ts';
import type { Row } from '../schemas/common.ts';
import type { Order } from '../schemas/items.ts';
import { GROUP_LIST } from '../selection/groupList.ts';
import { createSelection } from './selection.ts';

type GroupPorts = Pick<Ports, 'objects'>;

const BLANK_LINE = '{}';
const SEPARATOR = '\t';

/** A line of the source by its parts: values, what is behind them, faults. */
interface Line {
  readonly row: number;
  readonly text: string;
}
const asLine = (text: string, row: number): Line => ({ row, text });

/**
 * A longer value stands for its group by its SHA-256, which has a letter more than any that stands for itself: a value
 * may have megabytes, and those of MAX_GROUPED_ROWS rows are in memory at once.
 */
const LONGEST_KEY = 43;

/** Lines of a group that has no list in any case, since it would be larger than a row may be. */
const isTooLarge = (bytes: number) => bytes > 2 * MAX_ROW_BYTES;

/** Which group each row is in, by the group's first row; 0 for one that is left out. */
interface Groups {
  readonly firstOf: Int32Array;
  /** Bytes of all its lines, and its last row, by the first row of a group. */
  readonly bytes: Float64Array;
  readonly last: Int32Array;
}

/**
 * Writes the table of a task that groups its rows, unless it is there. Whoever repeats this step writes the
 * same.
 * @param atOnceBytes of lines that are gathered in one reading
 * @throws ObjectMissing
 */
export async function prepareGroups(
  ports: GroupPorts,
  task: Order,
  atOnceBytes = GROUPED_AT_ONCE_BYTES,
): Promise<void> {
  const { ungrouped } = task;
  if (!ungrouped || (await ports.objects.head(task.indexKey))) return;
  const index = await readIndex(ports, ungrouped.indexKey);
  const groups = await findGroups(ports, { ...task, ...ungrouped }, index);
  const writer = createRowsWriter(ports, task);
  try {
    for (let next = 1; next <= index.rowCount;) {
      next = await writeGroups(ports, ungrouped, { index, groups, writer, atOnceBytes }, next);
    }
    await writer.finish({ ifAbsent: true });
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

/**
 * The rows of some groups of an order, by the first of each.
 * @param firsts first rows of the groups that are asked for
 * @throws ObjectMissing
 */
export async function rowsOfGroups(
  ports: GroupPorts,
  order: Order,
  firsts: ReadonlySet<number>,
): Promise<Map<number, number[]>> {
  const members = new Map<number, number[]>();
  const { ungrouped } = order;
  if (!ungrouped) return members;
  const index = await readIndex(ports, ungrouped.indexKey);
  const { firstOf } = await findGroups(ports, { ...order, ...ungrouped }, index);
  for (let row = 1; row <= index.rowCount; row++) {
    const first = firstOf[row] ?? 0;
    if (firsts.has(first)) append(members, first, row);
  }
  return members;
}

async function findGroups(ports: GroupPorts, task: Order, index: RowsIndex): Promise<Groups> {
  const { rowCount } = index;
  const column = task.options.groupBy ?? '';
  const select = createSelection({ ...task, ungrouped: undefined }) ?? (() => true);
  const firstOf = new Int32Array(rowCount + 1);
  const bytes = new Float64Array(rowCount + 1);
  const last = new Int32Array(rowCount + 1);
  const firsts = new Map<string, number>();
  for await (const { rows } of readLines(ports, task.rowsKey, allRows(index), asLine)) {
    for (const { row, text } of rows) {
      const [values = '', typed = '', faults] = text.split(SEPARATOR);
      const parsed = rowOf(values, row);
      const selected = select({
        row,
        values: parsed,
        ...(typed !== '' && { typed }),
        ...(faults !== undefined && { faults }),
      });
      if (selected === false) continue;
      const key = selected === true ? keyOf(parsed[column]) : undefined;
      // A row without a value shares none, and one that cannot be decided stays by itself.
      const first = (key === undefined ? undefined : firsts.get(key)) ?? row;
      if (key !== undefined) firsts.set(key, first);
      firstOf[row] = first;
      bytes[first] = (bytes[first] ?? 0) + text.length;
      last[first] = row;
    }
  }
  return { firstOf, bytes, last };
}

/** What rows of one group share; undefined for nothing. */
function keyOf(value: Row[string] | undefined): string | undefined {
  if (value === undefined || value === null) return undefined;
  const text = typeof value === 'string' ? value.trim() : JSON.stringify(value);
  if (text === '') return undefined;
  return text.length <= LONGEST_KEY ? text : createHash('sha256').update(text).digest('base64');
}

function rowOf(json: string, row: number): Row {
  const value: unknown = JSON.parse(json);
  if (!isRow(value)) throw new Error(`Row ${row} of rows.jsonl is not a JSON object.`);
  return value;
}

interface Writing {
  readonly index: RowsIndex;
  readonly groups: Groups;
  readonly writer: RowsWriter;
  readonly atOnceBytes: number;
}

/** Writes the lines from a row on whose groups can be gathered at once; answers the row behind them. */
async function writeGroups(
  ports: GroupPorts,
  source: RowsKeys,
  { index, groups, writer, atOnceBytes }: Writing,
  from: number,
): Promise<number> {
  const { firstOf, bytes, last } = groups;
  let end = from;
  let lastRow = from;
  for (let gathered = 0; end <= index.rowCount; end++) {
    if (firstOf[end] !== end) continue;
    const all = bytes[end] ?? 0;
    // Of one that is too large only the first line is kept.
    const its = isTooLarge(all) ? MAX_ROW_BYTES : all;
    gathered += its;
    if (gathered > atOnceBytes && gathered > its) break;
    lastRow = Math.max(lastRow, isTooLarge(all) ? end : (last[end] ?? end));
  }
  const byteOffset = await placeOfRow(ports, source, index, from);
  const range = {
    firstRow: from,
    rowCount: lastRow - from + 1,
    byteOffset,
    byteLength: (await placeOfRow(ports, source, index, lastRow + 1)) - byteOffset,
  };
  const lines = new Map<number, string[]>();
  for await (const { rows } of readLines(ports, source.rowsKey, range, asLine)) {
    for (const { row, text } of rows) {
      const first = firstOf[row] ?? 0;
      if (first < from || first >= end) continue;
      if (row !== first && isTooLarge(bytes[first] ?? 0)) continue;
      const its = lines.get(first);
      if (its) its.push(text);
      else lines.set(first, [text]);
    }
  }
  for (let row = from; row < end; row++) {
    const its = lines.get(row);
    writer.writeLine(its ? groupLine(its, isTooLarge(bytes[row] ?? 0)) : BLANK_LINE);
    if (writer.full) await writer.flush();
  }
  return end;
}

/** The line of a group; one that is larger than a row may be has no list, which fails its document. */
function groupLine(lines: readonly string[], tooLarge: boolean): string {
  if (tooLarge) return withoutList(lines[0] ?? BLANK_LINE);
  const rows = lines.map((line) => line.split(SEPARATOR));
  const values = rows.map(([its = BLANK_LINE]) => its);
  const typed = rows.map(([, its = '']) => its);
  const faults = rows.map(([, , its]) => readFaults(its));
  const isTyped = typed.some((its) => its !== '');
  const parts = [
    withList(values[0] ?? BLANK_LINE, `[${values.join(',')}]`),
    ...(isTyped
      ? [withList(typed[0] || BLANK_LINE, `[${typed.map((its) => its || 'null').join(',')}]`)]
      : []),
  ];
  const all = [
    ...(faults[0] ?? []),
    ...faults.flatMap((its, i) =>
      its.map((fault) => ({ ...fault, column: `${GROUP_LIST}[${i + 1}].${fault.column}` })),
    ),
  ];
  if (all.length > 0) parts.push(...(isTyped ? [] : ['']), writeFaults(all) ?? '');
  const line = parts.join(SEPARATOR);
  return Buffer.byteLength(line) <= MAX_ROW_BYTES ? line : withoutList(lines[0] ?? BLANK_LINE);
}

/** What fails the document of a group: there is no list. */
const withoutList = (line: string) => withList(line.split(SEPARATOR)[0] ?? BLANK_LINE, 'null');

/** A row's JSON with the list behind its fields. */
const withList = (json: string, list: string) =>
  `${json.slice(0, -1)}${json === BLANK_LINE ? '' : ','}"${GROUP_LIST}":${list}}`;
