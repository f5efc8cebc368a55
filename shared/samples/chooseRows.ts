/** Choosing the rows of an order that are worth looking at: all of them are read once. */
import { readFaults } from '../dataSources/rowFaults.ts';
import { allRows, isBlankRow, readRows, type NumberedRow } from '../dataSources/rows.ts';
import { MAX_CHOSEN_ROWS, MAX_FEATURES, MAX_NOT_SHOWN, MAX_REASONS } from '../limits.ts';
import type { OpenedOrder } from '../orders/openOrder.ts';
import type { Ports } from '../ports.ts';
import type { Order } from '../schemas/items.ts';
import type { NotShown } from '../schemas/samples.ts';
import { createSelection } from '../shards/selection.ts';
import { withTypedValues } from '../shards/typedRow.ts';
import { tagTree } from '../tags/tagTree.ts';
import { createCandidates } from './candidates.ts';
import { coverFeatures } from './cover.ts';
import { listFeatures } from './features.ts';
import { createRowReader } from './rowFeatures.ts';

export interface RowChoice {
  readonly row: number;
  /** In words, without a value. */
  readonly why: string;
}

export interface ChosenRows {
  /** Ascending. */
  readonly chosen: readonly RowChoice[];
  /** Rows that were read: all of them, unless there was no time. */
  readonly rows: number;
  /** Rows of those that documents are made of. */
  readonly taken: number;
  readonly notShown: readonly NotShown[];
}

export interface Choosing {
  readonly order: Order;
  readonly opened: OpenedOrder;
  /** Rows that are shown in any case, ascending. */
  readonly named: readonly number[];
  /** Whether there is no time left; asked between batches. */
  readonly isOver: () => Promise<boolean>;
}

/** @throws ObjectMissing */
export async function chooseRows(
  ports: Pick<Ports, 'objects'>,
  { order, opened: { index, templates, compared }, named, isOver }: Choosing,
): Promise<ChosenRows> {
  const walked = templates.map(({ label, placed }, i) => ({
    label,
    tree: tagTree(placed),
    spellings: compared.spellings[i],
  }));
  const features = listFeatures(walked);
  const reader = createRowReader(walked, features);
  const candidates = createCandidates();
  const readsTyped = templates.some((template) => template.readsTyped);
  const select = createSelection(order) ?? (() => true as const);
  const isNamed = new Set(named);
  const undecided = features.ofRow('undecided');
  let taken = 0;
  let first: number | undefined;

  function lookAt(numbered: NumberedRow): void {
    const { row, values } = numbered;
    const faults = readFaults(numbered.faults);
    if (isBlankRow(values) && faults.length === 0) return;
    const selected = select(numbered);
    if (selected === false || isBlankRow(values)) return;
    const pinned = first === undefined || isNamed.has(row);
    first ??= row;
    taken++;
    if (selected !== true) {
      candidates.add({ row, features: new Set([undecided]), measures: new Map() }, pinned);
      return;
    }
    const shown = reader.read(row, readsTyped ? withTypedValues(numbered) : values);
    const faulty = faults.flatMap(({ column }) => features.ofFault(column) ?? []);
    candidates.add(
      faulty.length === 0 ? shown : { ...shown, features: new Set([...shown.features, ...faulty]) },
      pinned,
    );
  }

  let rows = index.rowCount;
  for await (const batch of readRows(ports, order.rowsKey, allRows(index))) {
    for (const row of batch.rows) lookAt(row);
    const last = batch.rows.at(-1)?.row ?? 0;
    if (last < index.rowCount && (await isOver())) {
      rows = last;
      break;
    }
  }

  const pinned = [...new Set([...named, ...(first === undefined ? [] : [first])])];
  const cover = coverFeatures({
    candidates,
    tierOf: (feature) => features.tierOf(feature),
    pinned: pinned.sort((a, b) => a - b),
    most: MAX_CHOSEN_ROWS - (first === undefined || isNamed.has(first) ? 0 : 1),
  });
  const isSeen = (feature: number) => candidates.has(feature);
  const tell = (feature: number) => features.tell(feature, isSeen);
  const byTier = (a: number, b: number) => features.tierOf(a) - features.tierOf(b) || a - b;

  function whyOf(row: number, its: readonly number[]): string {
    const told = its.toSorted(byTier).map(tell);
    const reasons = [
      ...(isNamed.has(row) ? ['you named it'] : []),
      ...(row === first ? ['the first row'] : []),
      ...told.slice(0, MAX_REASONS),
      ...(told.length > MAX_REASONS ? [`and ${told.length - MAX_REASONS} more`] : []),
    ];
    return reasons.join('; ');
  }

  const branches = features.branches(isSeen).filter((feature) => !isSeen(feature));
  const notShown: NotShown[] = [
    ...branches.map((feature): NotShown => ({ what: tell(feature), because: 'noRow' })),
    ...cover.left
      .toSorted(byTier)
      .map((feature): NotShown => ({ what: tell(feature), because: 'limit' })),
  ];
  if (candidates.isPartial) {
    notShown.unshift({
      what: `whatever comes behind the first ${MAX_FEATURES} things that are told apart`,
      because: 'limit',
    });
  }
  return {
    chosen: cover.rows
      .map(({ row, features: its }) => ({ row, why: whyOf(row, its) }))
      .sort((a, b) => a.row - b.row),
    rows,
    taken,
    notShown: notShown.slice(0, MAX_NOT_SHOWN),
  };
}
