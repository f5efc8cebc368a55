/** Many connections that hear of all tasks of an owner, and cost this process little. */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket, type RawData } from 'ws';
import { z } from 'zod';
import type { SheafClient } from '../../client/client.ts';
import { runLanes } from '../../shared/boundedWork.ts';

/** Connections that are opened side by side. */
const CONNECTS_AT_ONCE = 8;
const LONGEST_WAIT_MS = 60_000;
const POLL_MS = 50;

const MessageSchema = z.object({ type: z.string(), at: z.string().optional() });

/** Connects one watcher; resolves once its snapshot has come. */
async function connect(
  client: SheafClient,
  hear: (message: z.infer<typeof MessageSchema>) => void,
): Promise<WebSocket> {
  const { websocketUrl } = await client.createTicket({});
  const socket = new WebSocket(websocketUrl);
  const subscribed = new Promise<void>((resolve) => {
    socket.on('message', (data: RawData) => {
      const message = MessageSchema.parse(JSON.parse(textOf(data)));
      if (message.type === 'subscribed') resolve();
      else hear(message);
    });
  });
  await once(socket, 'open');
  socket.send(JSON.stringify({ action: 'subscribe', channels: ['task_progress'] }));
  await subscribed;
  return socket;
}

const textOf = (data: RawData): string =>
  (Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as ArrayBuffer)).toString('utf8');

/**
 * Opens so many connections.
 * @param hear told the time of each event that one of them hears
 */
export async function gatherWatchers(
  client: SheafClient,
  count: number,
  hear: (at: string) => void,
) {
  const sockets: WebSocket[] = [];
  let ends = 0;
  const hearOne = ({ type, at }: z.infer<typeof MessageSchema>) => {
    if (at !== undefined) hear(at);
    if (type === 'task_completed') ends++;
  };
  const work = Array.from({ length: count }, () => async () => {
    sockets.push(await connect(client, hearOne));
  });
  await runLanes([{ atOnce: CONNECTS_AT_ONCE, work }]);
  return {
    /** Resolves once each of them has heard of the end of so many tasks. */
    async everybodyHeard(tasks: number): Promise<void> {
      for (let waited = 0; ends < tasks * count; waited += POLL_MS) {
        if (waited > LONGEST_WAIT_MS) throw new Error('A watcher was not told of the end.');
        await sleep(POLL_MS);
      }
    },
    leave() {
      for (const socket of sockets) socket.close();
    },
  };
}
