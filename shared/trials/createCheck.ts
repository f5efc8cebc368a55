/** A check by itself: begun by its owner, made by the trial workflow. */
import { columnsBytes } from '../columns/storedColumns.ts';
import type { Creation } from '../creation.ts';
import { uploadNotes } from '../deletion/dueNotes.ts';
import { executionNames, objectKeys } from '../keys.ts';
import { requireOrdered, takeOrder } from '../orders/takeOrder.ts';
import type { Ports } from '../ports.ts';
import type { CreatedCheck } from '../schemas/checkApi.ts';
import type { OrderBody } from '../schemas/taskApi.ts';
import type { TrialRun } from '../schemas/workflow.ts';
import { expiryFrom } from '../tasks/retention.ts';
import { createdView } from './checkViews.ts';
import { trialStore } from './trialStore.ts';

type CreatePorts = Pick<Ports, 'table' | 'objects' | 'workflow' | 'clock'>;

/**
 * Begins a check.
 * @throws Problem TEMPLATE_NOT_FOUND, DATA_SOURCE_NOT_FOUND, INVALID_STATE (a template or data source
 *   that is not ready), TEMPLATE_INVALID, DATA_INVALID, VALIDATION_ERROR
 */
export async function createCheck(
  ports: CreatePorts,
  ownerId: string,
  body: OrderBody,
  { id: checkId, isRepeat }: Creation,
): Promise<CreatedCheck> {
  const before = isRepeat ? await trialStore.find(ports, checkId) : undefined;
  const check = before ?? (await addCheck(ports, ownerId, checkId, body));
  if (check.status === 'checking') {
    const run: TrialRun = { of: checkId, reportOnly: false };
    // Started on every call: the one before may have ended between the table and the workflow.
    await ports.workflow.start('trial', executionNames.trial(checkId), run);
  }
  return createdView(checkId, check);
}

async function addCheck(ports: CreatePorts, ownerId: string, checkId: string, body: OrderBody) {
  await requireOrdered(ports, ownerId, body);
  const createdAt = ports.clock.now();
  const expiresAt = expiryFrom(createdAt, body.options);
  // Before anything of it is there: whatever becomes of this process, it is cleared away.
  await uploadNotes.note(ports, { id: checkId, dueAt: expiresAt });
  const { order, columns } = await takeOrder(ports, ownerId, checkId, body);
  await ports.objects.put(objectKeys.trialColumns(checkId), columnsBytes(columns));
  return trialStore.add(ports, checkId, {
    ownerId,
    status: 'checking',
    order,
    createdAt,
    expiresAt,
  });
}
