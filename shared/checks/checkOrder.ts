/** A check of an order: every row is read, and nothing is made but for a few rows that are measured. */
import type { Columns } from '../columns/fill.ts';
import { openOrder } from '../orders/openOrder.ts';
import type { Ports } from '../ports.ts';
import type { Finding } from '../schemas/checkApi.ts';
import type { CheckSummary } from '../schemas/checks.ts';
import type { Order } from '../schemas/items.ts';
import { measureRowCost } from '../shards/sample.ts';
import { estimateOrder } from './estimate.ts';
import { tellFindings } from './findings.ts';
import type { ChosenMarks } from './report/chooseMarks.ts';
import { scanRows } from './scanRows.ts';
import { partsOf } from '../tasks/parts.ts';
import { estimateCalls, stepReaders } from '../orders/orderedSteps.ts';

export interface CheckedRows extends ChosenMarks {
  readonly summary: CheckSummary;
  readonly findings: readonly Finding[];
}

export interface Checking {
  readonly order: Order;
  /** Of the rows as they came. */
  readonly columns: Columns;
  /** Whether documents are made one shard after the other. */
  readonly isSequential?: boolean;
  /** Whether there is no time left, or nobody waits any more; asked now and then. */
  readonly isOver: () => Promise<boolean>;
}

/**
 * Checks every row of an order, as far as there is time.
 * @throws ObjectMissing when its rows or templates are gone
 */
export async function checkOrder(
  ports: Pick<Ports, 'objects' | 'clock'>,
  { order, columns, isSequential = false, isOver }: Checking,
): Promise<CheckedRows> {
  const { options } = order;
  const { index, ungrouped, templates, compared } = await openOrder(ports, order, columns);
  const scanned = await scanRows(ports, {
    order,
    templates,
    compared,
    ungrouped,
    index,
    isOver,
  });
  const told = tellFindings({
    compared,
    labels: [...templates, ...stepReaders(order.steps)].map(({ label }) => label),
    columns: columns.names,
    missingValue: options.missingValue,
    rowCount: order.rowCount,
    scanned,
  });
  const sampled = templates.map(({ compiled }, i) => ({
    compiled,
    spellings: compared.spellings[i],
  }));
  const cost = await measureRowCost(ports, order, sampled, index, isOver);
  const ofSeverity = (wanted: Finding['severity']) =>
    told.findings.filter(({ severity }) => severity === wanted).length;
  return {
    ...told,
    summary: {
      rows: scanned.rows,
      documents: scanned.taken * partsOf(order).length,
      errors: ofSeverity('error'),
      warnings: ofSeverity('warning'),
      estimate: estimateOrder(scanned.taken, cost, isSequential ? 1 : options.concurrency),
      ...(order.steps && { calls: estimateCalls(order.steps, scanned.taken) }),
    },
  };
}
