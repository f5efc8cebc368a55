/** What tests of events share: clients of the stream, what they heard, and what was written. */
import { EventItemSchema } from '../../../shared/schemas/events.ts';
import { ServerMessageSchema } from '../../../shared/schemas/stream.ts';
import { publishEnd, publishOwed } from '../../../shared/events/publish.ts';
import type { ListenerPorts } from '../../../shared/events/listener.ts';
import { owing, telling } from '../../../shared/events/owed.ts';
import { startedEvent } from '../../../shared/events/taskEvents.ts';
import { receive } from '../../../shared/stream/receive.ts';
import { changeTask } from '../../../shared/tasks/taskStore.ts';
import type { Ports } from '../../../shared/ports.ts';
import type { RowFailure } from '../../../shared/schemas/common.ts';
import type { MemoryPorts } from '../../support/memoryPorts.ts';
import { loadTask, OWNER, TASK_ID } from '../../support/tasks.ts';

type Recorded = Pick<MemoryPorts, 'connections'>;
type SocketPorts = ListenerPorts;

export const say = (
  ports: SocketPorts,
  connectionId: string,
  message: unknown,
  ownerId: string = OWNER,
) => receive(ports, { connectionId, ownerId, body: JSON.stringify(message) });

export const subscribe = (ports: SocketPorts, connectionId: string, taskId?: string) =>
  say(ports, connectionId, {
    action: 'subscribe',
    channels: ['task_progress'],
    filters: taskId === undefined ? {} : { taskId },
  });

/** What a connection was sent, checked against the contract. */
export const heard = (ports: Recorded, connectionId = 'c1') =>
  ports.connections.sent
    .filter((sent) => sent.connectionId === connectionId)
    .map((sent) => ServerMessageSchema.parse(JSON.parse(sent.message)));

export const types = (ports: Recorded, connectionId = 'c1') =>
  heard(ports, connectionId).map((message) => message.type);

/** The durable list of the task, in its order. */
export const written = (ports: Pick<MemoryPorts, 'table'>) =>
  ports.table
    .items()
    .filter((item) => String(item['sk']).startsWith('EVENT#'))
    .map((item) => EventItemSchema.parse(item));

/** Writes that the work has begun, once, as planning does; the task then. */
export async function begin(ports: Pick<Ports, 'table' | 'clock'>) {
  const task = await loadTask(ports, TASK_ID);
  const set = { round: 1, ...owing([startedEvent(task, 3, ports.clock.now())]) };
  const begun = await changeTask(
    ports,
    TASK_ID,
    { set },
    { attribute: 'round', is: '<', value: 1 },
  );
  return begun ?? task;
}

/** Writes that the work has begun, and tells of it. */
export const start = async (ports: SocketPorts) => publishOwed(ports, await begin(ports));

/** Writes the final state, as the last step of a workflow does. */
export async function end(ports: Pick<Ports, 'table' | 'clock'>) {
  const task = await loadTask(ports, TASK_ID);
  const at = ports.clock.now();
  const changes = { status: 'completed', stage: 'done', succeeded: 100, finishedAt: at } as const;
  return changeTask(ports, TASK_ID, { set: telling(task, changes, { at }) });
}

export const finish = async (ports: SocketPorts) => {
  const ended = await end(ports);
  if (ended) await publishEnd(ports, ended);
};

/** Connections that are subscribed to the task, without a client that said so. */
export async function givenSubscribers({ table }: Pick<Ports, 'table'>, count: number) {
  for (let i = 0; i < count; i++) {
    const connectionId = `viewer${i}`;
    await table.put(
      { pk: `TASK#${TASK_ID}`, sk: `SUB#${connectionId}` },
      { connectionId, ownerId: OWNER, active: true, since: {}, expiresAt: 9e9 },
    );
  }
}

export const failure: RowFailure = {
  code: 'MISSING_VALUE',
  tag: 'name',
  detail: 'No value for {name}.',
};
