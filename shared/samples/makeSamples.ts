/** Samples of an order: rows are chosen, and their documents made. */
import type { Columns } from '../columns/fill.ts';
import { objectKeys } from '../keys.ts';
import { SAMPLES_RESERVE_MS } from '../limits.ts';
import { openOrder } from '../orders/openOrder.ts';
import type { Ports } from '../ports.ts';
import type { Order } from '../schemas/items.ts';
import type { MadeSamples, SamplesSummary } from '../schemas/samples.ts';
import { chooseRows } from './chooseRows.ts';
import { namedRows } from './namedRows.ts';
import { orderHash } from './orderHash.ts';
import { renderSamples } from './renderSamples.ts';

export interface Sampling {
  readonly sampleId: string;
  readonly order: Order;
  /** Of the rows as they came. */
  readonly columns: Columns;
  /** Rows that are shown in any case, as the request names them. */
  readonly named: string | undefined;
  /** Whether no more rows are to be read. */
  readonly isOver: () => Promise<boolean>;
  readonly remainingMs: () => number;
}

/**
 * Makes the samples and writes what is told of them. Every attempt writes the same.
 * @throws ObjectMissing when its rows or templates are gone
 */
export async function makeSamples(
  ports: Pick<Ports, 'objects'>,
  { sampleId, order, columns, named, isOver, remainingMs }: Sampling,
): Promise<SamplesSummary> {
  const opened = await openOrder(ports, order, columns);
  const { chosen, rows, taken, notShown } = await chooseRows(ports, {
    order,
    opened,
    named: named === undefined ? [] : namedRows(named, order.rowCount),
    isOver,
  });
  const { documents, zipBytes } = await renderSamples(ports, {
    sampleId,
    order,
    opened,
    chosen,
    leftMs: () => remainingMs() - SAMPLES_RESERVE_MS,
  });
  const made: MadeSamples = { documents: [...documents], notShown: [...notShown] };
  await ports.objects.put(objectKeys.samples(sampleId), Buffer.from(JSON.stringify(made)));
  return {
    hash: await orderHash(ports, order),
    rows,
    taken,
    ...(zipBytes !== undefined && { zipBytes }),
  };
}
