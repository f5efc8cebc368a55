/** Reading every row of an order, and learning from each what findings are made of. */
import type { NameComparison } from '../columns/compareTask.ts';
import { FIRST_ENTRY } from '../columns/columnPath.ts';
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
import { GROUP_LIST } from '../selection/groupList.ts';
import type { PlacedTag } from '../tags/tagTree.ts';
import type { Order } from '../schemas/items.ts';
import type { Ports } from '../ports.ts';
import type { FailureCode } from '../problems.ts';
import type { Row, RowFailure, RowFault, Tag } from '../schemas/common.ts';
import { createSelection } from '../shards/selection.ts';
import { withTypedValues } from '../shards/typedRow.ts';
import { columnsOfNames } from '../rendering/documentNames.ts';
import { ODD_LINE, type ColumnProfile } from './columnProfile.ts';
import { createColumnProfiles } from './columnProfiles.ts';
import { createNameUse, type NameUse } from './nameUse.ts';
import { createSameRows } from './sameRows.ts';
import { createMemory, createTemplateUse, type TemplateUse } from './tagUse.ts';
import { RowTally, type Tally } from './tally.ts';
import { isOfStep } from '../orders/orderedSteps.ts';

/** Cells of one column that could not be read. */
export interface FaultyCells {
  /** Undefined for all that are one column too many. */
  readonly column: string | undefined;
  readonly tally: RowTally;
  /** What is wrong with the first, and what to do. */
  readonly detail: string;
  /** Whether a document reads them. */
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
  /** Whether the values of all columns were looked at by themselves. */
  readonly profilesAll: boolean;
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
  readonly faults: readonly FaultyCells[];
}

/** A template of the order. */
export interface ScannedTemplate {
  readonly label: string;
  /** With what formats read inside of lists (tagsRead). */
  readonly tags: readonly Tag[];
  readonly placed: readonly PlacedTag[];
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
  const profiles = createColumnProfiles();
  const remembered = createMemory();
  const uses = templates.map(({ placed }, i) =>
    createTemplateUse(placed, compared.spellings[i], remembered),
  );
  const isNamedBySteps = columnsOfNames(order.fileName).some((name) =>
    isOfStep(name, order.steps, compared.spellings.at(-1)),
  );
  const names = createNameUse({
    // What a service is yet to answer cannot be looked at.
    pattern: isNamedBySteps ? '{row}' : order.fileName,
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
  const faults = createFaultyCells(order, readColumns(order, templates, compared));
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
    for (const fault of readFaults(its)) faults.add(fault, row);
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
    faults.addDocument(row);
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
    // Which cells documents read is known from their groups.
    const grouped = await go(order.rowsKey, index, lookAtDocuments);
    rows = Math.min(grouped, await go(order.ungrouped.rowsKey, ungrouped, lookAtCells));
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
    profilesAll: !profiles.isPartial,
    templates: uses,
    names,
    duplicates,
    comparesAll: !same.isPartial,
    blank,
    leftOut,
    refused,
    cut,
    faults: faults.all,
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

/**
 * Gathers cells that could not be read. Of a group the columns are those of its first row: what tags read of the
 * other rows, they read in its list.
 */
function createFaultyCells(
  { ungrouped, rowCount }: Pick<Order, 'ungrouped' | 'rowCount'>,
  isRead: (column: string) => boolean,
) {
  /** By column, and whether documents read it: of the row that they are of, and of every row. */
  const readers = new Map<string, { readonly ofRow: boolean; readonly ofAll: boolean }>();
  const cells = new Map<string, FaultyCells>();
  /** A bit for each row that stands for its group. */
  const firsts = ungrouped && new Uint8Array(Math.ceil((rowCount + 1) / 8));

  function readersOf(column: string) {
    const present = readers.get(column);
    if (present) return present;
    const ofRow = isRead(column);
    const inList = `${GROUP_LIST}${FIRST_ENTRY}.${column}`;
    const made = { ofRow, ofAll: firsts ? isRead(inList) : ofRow };
    readers.set(column, made);
    return made;
  }
  const isFirst = (row: number) => ((firsts?.[row >> 3] ?? 0) & (1 << (row & 7))) !== 0;

  return {
    get all() {
      return [...cells.values()];
    },
    /** That a row has documents of its own. */
    addDocument(row: number): void {
      if (firsts) firsts[row >> 3] = (firsts[row >> 3] ?? 0) | (1 << (row & 7));
    },
    add({ column, detail }: RowFault, row: number): void {
      const { ofRow, ofAll } = readersOf(column);
      const isReadHere = ofAll || (ofRow && isFirst(row));
      const isOneTooMany =
        cells.size >= MAX_PROFILED_COLUMNS && !cells.has(`${isReadHere} ${column}`);
      const told = isOneTooMany ? undefined : column;
      const key = `${isReadHere} ${told ?? ''}`;
      const known = cells.get(key) ?? {
        column: told,
        tally: new RowTally(),
        detail,
        isRead: isReadHere,
      };
      cells.set(key, known);
      known.tally.add(row);
    },
  };
}
