/** What clients say over the WebSocket. */
import { tableKeys } from '../keys.ts';
import { MAX_SNAPSHOT_TASKS } from '../limits.ts';
import type { Ports } from '../ports.ts';
import { Problem } from '../problems.ts';
import type { ConnectionItem, TaskItem } from '../schemas/items.ts';
import { ClientMessageSchema, type ClientMessage, type Reply } from '../schemas/stream.ts';
import { isFinal } from '../tasks/lifeCycle.ts';
import { snapshotOf } from '../tasks/progress.ts';
import { activeTasks } from '../tasks/readTasks.ts';
import { loadOwnedTask, taskStore } from '../tasks/taskStore.ts';
import type { ListenerPorts } from '../events/listener.ts';
import { seqOfEnd } from '../events/owed.ts';
import { publishEnd } from '../events/publish.ts';
import { endEvent } from '../events/taskEvents.ts';
import { claimEnd } from './endTold.ts';
import { sendTo } from './fanOut.ts';
import { messageOf } from './sockets.ts';
import {
  activateSubscriber,
  addSubscriber,
  ALL_TASKS,
  connectionExpiry,
  removeConnection,
  removeSubscriber,
} from './subscribers.ts';

/** One message of a client. `ownerId` comes from the ticket that opened the connection. */
export interface Received {
  readonly connectionId: string;
  readonly ownerId: string;
  readonly body: string;
}

type Subscription = Extract<ClientMessage, { action: 'subscribe' | 'unsubscribe' }>;

/** A reply without its time. */
type Untimed = { [R in Reply as R['type']]: Pick<R, 'type' | 'payload'> }[Reply['type']];

async function reply(ports: ListenerPorts, connectionId: string, message: Untimed): Promise<void> {
  const at = new Date(ports.clock.now()).toISOString();
  const outcome = await ports.connections.send(connectionId, JSON.stringify({ ...message, at }));
  if (outcome === 'gone') await removeConnection(ports, connectionId);
}

/** The tasks that a subscription is about, as they are now. */
async function tasksInScope(
  ports: ListenerPorts,
  ownerId: string,
  taskId: string | undefined,
): Promise<TaskItem[]> {
  if (taskId !== undefined) return [await loadOwnedTask(ports, ownerId, taskId)];
  return activeTasks(ports, ownerId, MAX_SNAPSHOT_TASKS);
}

/**
 * Tells a connection that subscribed around the end of a task, or after it, unless the publisher does. An
 * end without a number was told to nobody yet: then everyone is told who is subscribed now.
 */
async function tellEnd(ports: ListenerPorts, task: TaskItem, connectionId: string): Promise<void> {
  const seq = seqOfEnd(task);
  if (seq === undefined) return publishEnd(ports, task);
  const mine = await claimEnd(ports, task, [connectionId], 'subscriber');
  if (!mine.has(connectionId)) return;
  await sendTo(ports, connectionId, messageOf({ ...endEvent(task), seq }));
}

/**
 * Subscribes: noted first, then the snapshot is sent, then events are let through. A task that ended
 * in between, or before, is told of afterwards: nothing is missed and the snapshot is always first.
 */
async function subscribe(
  ports: ListenerPorts,
  { connectionId, ownerId }: Received,
  { channels, filters }: Subscription,
): Promise<void> {
  const scope = filters.taskId ?? ALL_TASKS;
  if (filters.taskId !== undefined) await loadOwnedTask(ports, ownerId, filters.taskId);
  await addSubscriber(ports, ownerId, connectionId, scope);
  const tasks = await tasksInScope(ports, ownerId, filters.taskId);
  await reply(ports, connectionId, {
    type: 'subscribed',
    payload: { channels, taskId: filters.taskId ?? null, tasks: tasks.map(snapshotOf) },
  });
  await activateSubscriber(ports, ownerId, connectionId, scope, tasks);
  for (const { taskId } of tasks) {
    const task = await taskStore.find(ports, taskId);
    if (task && isFinal(task.status)) await tellEnd(ports, task, connectionId);
  }
}

async function unsubscribe(
  ports: ListenerPorts,
  { connectionId, ownerId }: Received,
  { channels, filters }: Subscription,
): Promise<void> {
  await removeSubscriber(ports, ownerId, connectionId, filters.taskId ?? ALL_TASKS);
  await reply(ports, connectionId, {
    type: 'unsubscribed',
    payload: { channels, taskId: filters.taskId ?? null },
  });
}

function parseMessage(body: string): ClientMessage {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    throw new Problem(
      'VALIDATION_ERROR',
      'The message is not JSON. Send {"action":"ping"}, for example.',
    );
  }
  const parsed = ClientMessageSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const place = issue && issue.path.length > 0 ? ` (at ${issue.path.join('.')})` : '';
  throw new Problem(
    'VALIDATION_ERROR',
    `The message is not understood${place}. Known actions: subscribe, unsubscribe, ping.`,
  );
}

/** Answers one message. What is wrong with it is told to the client; the connection stays open. */
export async function receive(ports: ListenerPorts, received: Received): Promise<void> {
  try {
    const message = parseMessage(received.body);
    switch (message.action) {
      case 'subscribe':
        return await subscribe(ports, received, message);
      case 'unsubscribe':
        return await unsubscribe(ports, received, message);
      case 'ping':
        return await reply(ports, received.connectionId, { type: 'pong', payload: {} });
    }
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    await reply(ports, received.connectionId, {
      type: 'error',
      payload: { code: error.code, message: error.message },
    });
  }
}

/** Notes a new connection. */
export async function connect(
  ports: Pick<Ports, 'table' | 'clock'>,
  { connectionId, ownerId }: { connectionId: string; ownerId: string },
): Promise<void> {
  const connection: ConnectionItem = {
    connectionId,
    ownerId,
    connectedAt: ports.clock.now(),
    expiresAt: connectionExpiry(ports),
  };
  await ports.table.put(tableKeys.connection(connectionId), connection);
}

/** Forgets a connection that was closed. */
export const disconnect = (ports: Pick<Ports, 'table'>, connectionId: string): Promise<void> =>
  removeConnection(ports, connectionId);
