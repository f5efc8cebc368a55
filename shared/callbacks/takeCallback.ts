/** A service calls back. */
import type { Ports } from '../ports.ts';
import { Problem } from '../problems.ts';
import { taskStore } from '../tasks/taskStore.ts';
import { keepCallback, type CallbackBody } from './callbackBodies.ts';
import { readCallbackToken } from './callbackUrl.ts';
import { countCallback } from './waits.ts';

type TakePorts = Pick<Ports, 'table' | 'objects' | 'secrets'> & {
  readonly workflow: Pick<Ports['workflow'], 'answerTask'>;
};

/**
 * Keeps what a service called back with. The first answer counts: another one, or one that is too late, is taken, and changes
 * nothing.
 * @throws Problem NOT_FOUND for a URL that was not given out, or whose task is gone
 */
export async function takeCallback(
  ports: TakePorts,
  token: string,
  body: CallbackBody,
): Promise<void> {
  const place = readCallbackToken(await ports.secrets.webhookMaster(), token);
  const task = place && (await taskStore.find(ports, place.taskId));
  if (!task) {
    throw new Problem('NOT_FOUND', 'Nobody waits for a callback here. The task may have expired.');
  }
  await keepCallback(ports, place, body);
  await countCallback(ports, place);
}
