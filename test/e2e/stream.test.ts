/** The WebSocket as hostile and as careful clients use it. */
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { ServerMessageSchema, type ServerMessage } from '../../shared/schemas/stream.ts';
import { client, docx } from './api.ts';

const sockets: WebSocket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.terminate();
});

/** An open connection with everything it heard. */
async function open(url: string) {
  const socket = new WebSocket(url);
  sockets.push(socket);
  const heard: ServerMessage[] = [];
  const waiting: (() => void)[] = [];
  socket.on('message', (bytes: Buffer) => {
    heard.push(ServerMessageSchema.parse(JSON.parse(bytes.toString('utf8'))));
    for (const wake of waiting.splice(0)) wake();
  });
  await once(socket, 'open');
  return {
    socket,
    heard,
    say: (message: unknown) =>
      socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    async until(type: ServerMessage['type']): Promise<ServerMessage> {
      for (;;) {
        const found = heard.find((message) => message.type === type);
        if (found) return found;
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
  };
}

const refused = (url: string) =>
  new Promise<number>((resolve, reject) => {
    const socket = new WebSocket(url);
    sockets.push(socket);
    socket.on('unexpected-response', (_, response) => resolve(response.statusCode ?? 0));
    socket.on('open', () => reject(new Error('The connection was accepted.')));
    socket.on('error', () => undefined);
  });

async function givenTask(rows: number) {
  const { templateId } = await client().uploadTemplate('letter.docx', docx('Dear {name}'));
  return client().createTask({
    body: {
      templateIds: [templateId],
      data: Array.from({ length: rows }, (_, i) => ({ name: `P${i}` })),
    },
  });
}

describe('the stream', () => {
  it('tells a task from its snapshot to its end, in order', async () => {
    const task = await givenTask(400);
    const connection = await open(task.websocketUrl);
    connection.say({
      action: 'subscribe',
      channels: ['task_progress'],
      filters: { taskId: task.taskId },
    });
    await connection.until('subscribed');
    await client().startTask({ taskId: task.taskId });
    const end = await connection.until('task_completed');
    expect(end).toMatchObject({
      payload: { status: 'completed', result: { total: 400, successful: 400, failed: 0 } },
    });
    const types = connection.heard.map((message) => message.type);
    expect(types[0]).toBe('subscribed');
    expect(types[1]).toBe('task_started');
    expect(types.at(-1)).toBe('task_completed');
    expect(types.filter((type) => type === 'task_completed')).toHaveLength(1);
    const seqs = connection.heard.flatMap((message) => ('seq' in message ? [message.seq] : []));
    expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b));
  });

  it('tells whoever comes late of the end', async () => {
    const task = await givenTask(1);
    await client().startTask({ taskId: task.taskId });
    const first = await open(task.websocketUrl);
    first.say({ action: 'subscribe', filters: { taskId: task.taskId } });
    await first.until('task_completed');
    const late = await open((await client().createTicket()).websocketUrl);
    late.say({ action: 'subscribe', filters: { taskId: task.taskId } });
    await late.until('task_completed');
    expect(late.heard.map((message) => message.type)).toEqual(['subscribed', 'task_completed']);
  });

  it('tells of all tasks without a task id', async () => {
    const connection = await open((await client().createTicket()).websocketUrl);
    connection.say({ action: 'subscribe' });
    await connection.until('subscribed');
    const task = await givenTask(3);
    await client().startTask({ taskId: task.taskId });
    for (;;) {
      const ended = connection.heard.find(
        (message) => message.type === 'task_completed' && message.payload.taskId === task.taskId,
      );
      if (ended) break;
      await once(connection.socket, 'message');
    }
  });

  it('answers ping, garbage and unknown tasks, and stays open', async () => {
    const connection = await open((await client().createTicket()).websocketUrl);
    connection.say({ action: 'ping' });
    await connection.until('pong');
    connection.say('garbage');
    await connection.until('error');
    connection.say({
      action: 'subscribe',
      filters: { taskId: 'task_01J00000000000000000000000' },
    });
    connection.say({ action: 'ping' });
    const answers = () =>
      connection.heard.filter(({ type }) => type === 'pong' || type === 'error');
    while (answers().length < 4) await once(connection.socket, 'message');
    const codes = connection.heard.flatMap((message) =>
      message.type === 'error' ? [message.payload.code] : [],
    );
    expect(codes.sort()).toEqual(['TASK_NOT_FOUND', 'VALIDATION_ERROR']);
    expect(connection.socket.readyState).toBe(WebSocket.OPEN);
  });

  it('lets a ticket in once', async () => {
    const url = (await client().createTicket()).websocketUrl;
    await open(url);
    expect([401, 403]).toContain(await refused(url));
    expect([401, 403]).toContain(await refused(url.replace(/ticket=.*/, 'ticket=nobody')));
    expect(await refused(url.replace(/\?.*/, ''))).toBe(401);
  });
});
