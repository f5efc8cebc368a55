/** Reading every row of an order, and learning from each what findings are made of. */
import type { NameComparison } from '../columns/compareTask.ts';
import { columnsReadBy, valueTags } from '../columns/fill.ts';
import { readFaults } from '../dataSources/rowFaults.ts';
import {
  allRows,
  isBlankRow,
  parseRow,
  readLines,
  type NumberedRow,
  type RowsIndex,
} from '../dataSources/rows.ts';
import { MAX_PROFILED_COLUMNS } from '../limits.ts';
import type { Order } from '../schemas/items.ts';
import type { Ports } from '../ports.ts';
import type { FailureCode } from '../problems.ts';
import type { Row, RowFailure, RowFault, Tag } from '../schemas/common.ts';
import { createSelection } from '../shards/selection.ts';
import { withTypedValues } from '../shards/typedRow.ts';
import { columnsOfNames } from '../rendering/documentNames.ts';
import { ColumnProfile, ODD_LINE } from './columnProfile.ts';
import { createNameUse, type NameUse } from './nameUse.ts';
import { createSameRows } from './sameRows.ts';
import { createMemory, createTemplateUse, type TemplateUse } from './tagUse.ts';
import { RowTally, type Tally } from './tally.ts';

/** Cells of one column that could not be read. */
export interface FaultyCells {
  readonly tally: RowTally;
  /** What is wrong with the first, and what to do. */
  readonly detail: string;
  /** Whether a document reads the column. */
  readonly isRead: boolean;
}

/** Rows that have no documents but failures. */
export interface RefusedRows {
  readonly tally: RowTally;
  /** What is wrong with the first, and what to do. */
  readonly detail: string;
}

export interface ScannedRows {
  /** Rows that were read: all of them, unless there was no time. */
  readonly rows: number;
  /** Rows that documents are made of. */
  readonly taken: number;
  readonly columns: readonly ColumnProfile[];
  readonly templates: readonly TemplateUse[];
  readonly names: NameUse;
  readonly duplicates: Tally;
  /** Whether all rows were compared with each other. */
  readonly comparesAll: boolean;
  readonly blank: Tally;
  readonly leftOut: Tally;
  /** Rows that a filter cannot decide, and groups that are too large, by how their documents fail. */
  readonly refused: ReadonlyMap<FailureCode, RefusedRows>;
  /** Rows of which not all was read that their documents would read. */
  readonly cut: Tally;
  readonly faults: ReadonlyMap<string, FaultyCells>;
}

/** A template of the order. */
export interface ScannedTemplate {
  readonly label: string;
  /** With what formats read inside of lists (tagsRead). */
  readonly tags: readonly Tag[];
  readonly readsTyped: boolean;
}

/** What rows are read for. */
export interface Scan {
  readonly order: Order;
  readonly templates: readonly ScannedTemplate[];
  readonly compared: NameComparison;
  /** Of the rows as they came, and of their groups. */
  readonly ungrouped: RowsIndex;
  readonly index: RowsIndex;
  /** Whether there is no time left, or nobody waits any more; asked between batches. */
  readonly isOver: () => Promise<boolean>;
}

interface ReadLine {
  readonly line: string;
  readonly row: number;
  /** Whether it has signs of ODD_LINE. */
  readonly isOdd: boolean;
}
const asLine = (line: string, row: number): ReadLine => ({
  line,
  row,
  isOdd: ODD_LINE.test(line),
});

/** @throws ObjectMissing */
export async function scanRows(
  ports: Pick<Ports, 'objects'>,
  { order, templates, compared, ungrouped, index, isOver }: Scan,
): Promise<ScannedRows> {
  const profiles = createProfiles();
  const remembered = createMemory();
  const uses = templates.map(({ tags }, i) =>
    createTemplateUse(tags, compared.spellings[i], remembered),
  );
  const names = createNameUse({
    pattern: order.fileName,
    labels: templates.map(({ label }) => label),
    spellings: compared.spellings.at(-1),
    rowCount: order.rowCount,
  });
  const readsTyped = names.readsTyped || templates.some((template) => template.readsTyped);
  const same = createSameRows(order.rowCount);
  const duplicates = new RowTally();
  const blank = new RowTally();
  const leftOut = new RowTally();
  const refused = new Map<FailureCode, RefusedRows>();
  const cut = new RowTally();
  const faults = new Map<string, FaultyCells>();
  const isRead = readColumns(order, templates, compared);
  const select = createSelection(order) ?? (() => true as const);
  // Groups were selected when they were made.
  const selectCells = order.ungrouped
    ? (createSelection({ ...order, ungrouped: undefined }) ?? (() => true as const))
    : select;
  let taken = 0;

  /** Of a row as it came. */
  function lookAtCells({ line, isOdd }: ReadLine, numbered: NumberedRow): void {
    const { row, values, faults: its } = numbered;
    if (selectCells(numbered) === false) {
      leftOut.add(row);
      return;
    }
    if (isBlankRow(values) && its === undefined) {
      blank.add(row);
      return;
    }
    profiles.add(values, row, isOdd);
    if (same.add(line, row) > 0) duplicates.add(row);
    for (const fault of readFaults(its)) addFault(fault, row);
  }

  function addFault({ column, detail }: RowFault, row: number): void {
    let cells = faults.get(column);
    if (!cells) {
      if (faults.size === MAX_PROFILED_COLUMNS) return;
      cells = { tally: new RowTally(), detail, isRead: isRead(column) };
      faults.set(column, cells);
    }
    cells.tally.add(row);
  }

  function refuse({ code, detail }: RowFailure, row: number): void {
    const known = refused.get(code) ?? { tally: new RowTally(), detail };
    refused.set(code, known);
    known.tally.add(row);
  }

  /** Of a row that documents are made of. */
  function lookAtDocuments({ isOdd }: ReadLine, numbered: NumberedRow): void {
    const { row, values: shown } = numbered;
    const selected = select(numbered);
    // Those of groups are rows that others stand for.
    if (selected === false || isBlankRow(shown)) return;
    if (selected !== true) {
      refuse(selected, row);
      return;
    }
    taken++;
    const values: Row = readsTyped ? withTypedValues(numbered) : shown;
    for (const use of uses) if (!use.add(values, row, isOdd)) cut.add(row);
    names.add(values, row);
  }

  /** @returns rows that were read */
  async function go(
    key: string,
    table: RowsIndex,
    look: (line: ReadLine, row: NumberedRow) => void,
  ): Promise<number> {
    for await (const { rows } of readLines(ports, key, allRows(table), asLine)) {
      for (const line of rows) look(line, parseRow(line.line, line.row));
      const last = rows.at(-1)?.row ?? 0;
      if (last < table.rowCount && (await isOver())) return last;
    }
    return table.rowCount;
  }

  let rows: number;
  if (order.ungrouped) {
    const cells = await go(order.ungrouped.rowsKey, ungrouped, lookAtCells);
    rows = Math.min(cells, await go(order.rowsKey, index, lookAtDocuments));
  } else {
    rows = await go(order.rowsKey, index, (line, row) => {
      lookAtCells(line, row);
      lookAtDocuments(line, row);
    });
  }
  return {
    rows,
    taken,
    columns: profiles.all,
    templates: uses,
    names,
    duplicates,
    comparesAll: !same.isPartial,
    blank,
    leftOut,
    refused,
    cut,
    faults,
  };
}

/** Which columns some document reads. */
function readColumns(
  order: Order,
  templates: readonly ScannedTemplate[],
  { spellings }: NameComparison,
): (column: string) => boolean {
  const readers = [
    ...templates.map(({ tags }, i) => ({ tags, spellings: spellings[i] })),
    { tags: valueTags(columnsOfNames(order.fileName)), spellings: spellings.at(-1) },
  ];
  return (column) => columnsReadBy([column], readers).size > 0;
}

function createProfiles() {
  const byName = new Map<string, ColumnProfile>();
  function profileOf(name: string): ColumnProfile | undefined {
    const present = byName.get(name);
    if (present || byName.size === MAX_PROFILED_COLUMNS) return present;
    const made = new ColumnProfile(name);
    byName.set(name, made);
    return made;
  }
  /** Fields inside of a value, by their paths. */
  function inside(path: string, value: object, row: number, isOdd: boolean): void {
    const isList = Array.isArray(value);
    for (const [key, inner] of Object.entries(value) as [string, unknown][]) {
      const at = isList ? `${path}[${Number(key) + 1}]` : `${path}.${key}`;
      if (typeof inner === 'object' && inner !== null) inside(at, inner, row, isOdd);
      else profileOf(at)?.add(inner, row, isOdd);
    }
  }
  return {
    get all() {
      return [...byName.values()];
    },
    add(values: Row, row: number, isOdd: boolean): void {
      for (const name in values) {
        const value = values[name];
        if (typeof value === 'object' && value !== null) inside(name, value, row, isOdd);
        else profileOf(name)?.add(value, row, isOdd);
      }
    },
  };
}
