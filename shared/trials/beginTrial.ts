/** Beginning what is tried of an order, whatever that is. */
import { columnsBytes } from '../columns/storedColumns.ts';
import type { Creation } from '../creation.ts';
import { uploadNotes } from '../deletion/dueNotes.ts';
import { executionNames, objectKeys } from '../keys.ts';
import { requireOrdered, takeOrder } from '../orders/takeOrder.ts';
import type { Ports } from '../ports.ts';
import type { Order, TrialItem } from '../schemas/items.ts';
import type { OrderBody } from '../schemas/taskApi.ts';
import type { TrialRun } from '../schemas/workflow.ts';
import { expiryFrom } from '../tasks/retention.ts';
import { trialStore } from './trialStore.ts';

export type BeginPorts = Pick<Ports, 'table' | 'objects' | 'workflow' | 'clock' | 'serviceEgress'>;

/** What its item has beside the order; refuses what does not fit that. */
type Details = (order: Order) => Pick<TrialItem, 'named'>;

/**
 * Takes the order, and has the trial made.
 * @throws Problem as takeOrder() does, and what `details` throws
 */
export async function beginTrial(
  ports: BeginPorts,
  ownerId: string,
  body: OrderBody,
  { id, isRepeat }: Creation,
  details: Details = () => ({}),
): Promise<TrialItem> {
  const before = isRepeat ? await trialStore.find(ports, id) : undefined;
  const trial = before ?? (await addTrial(ports, ownerId, id, body, details));
  if (trial.status === 'checking') {
    const run: TrialRun = { of: id, reportOnly: false, results: null };
    // Started on every call: the one before may have ended between the table and the workflow.
    await ports.workflow.start('trial', executionNames.trial(id), run);
  }
  return trial;
}

async function addTrial(
  ports: BeginPorts,
  ownerId: string,
  id: string,
  body: OrderBody,
  details: Details,
) {
  await requireOrdered(ports, ownerId, body);
  const createdAt = ports.clock.now();
  const expiresAt = expiryFrom(createdAt, body.options);
  // Before anything of it is there: whatever becomes of this process, it is cleared away.
  await uploadNotes.note(ports, { id, dueAt: expiresAt });
  const { order, columns } = await takeOrder(ports, ownerId, id, body);
  const more = details(order);
  await ports.objects.put(objectKeys.trialColumns(id), columnsBytes(columns));
  return trialStore.add(ports, id, {
    ownerId,
    status: 'checking',
    order,
    ...more,
    createdAt,
    expiresAt,
  });
}
