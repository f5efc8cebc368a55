/**
 * The local cloud is killed between each two writes of each control call, by number and not by chance, and
 * finds the task whole: the call that is sent again does what it should, and every document is there once.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createClient } from '../../cli/target/client.ts';
import type { SheafClient } from '../../client/client.ts';
import { ApiError } from '../../client/errors.ts';
import { followTask } from '../../client/followTask.ts';
import type { Row } from '../../shared/schemas/common.ts';
import { bundleProgram } from '../support/bundleProgram.ts';
import { docx } from '../support/docx.ts';
import { readZip } from '../support/readZip.ts';

const ReadySchema = z.object({ apiUrl: z.string(), apiKey: z.string() });
const PROGRAM = 'build/tests/mortalCloud.mjs';
/** Of a task that is still at work when it is told to stop. */
const MANY_ROWS = 15_000;

const folders: string[] = [];
const givenFolder = () => {
  const folder = mkdtempSync(join(tmpdir(), 'sheaf-kills-'));
  folders.push(folder);
  return folder;
};

beforeAll(() => bundleProgram('test/support/mortalCloud.ts', PROGRAM));
let running: ChildProcess | undefined;
afterEach(() => void running?.kill('SIGKILL'));
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** Starts the cloud on a folder. */
async function start(dataDir: string) {
  const child = fork(PROGRAM, {
    env: {
      ...process.env,
      HTTP_PORT: '0',
      WS_PORT: '0',
      SERVICES_PORT: '0',
      SHEAF_DATA_DIR: dataDir,
    },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  running = child;
  const closed = once(child, 'close');
  const [message] = (await once(child, 'message')) as [unknown];
  const client = createClient(ReadySchema.parse(message));
  return {
    client,
    /** The API dies before its next write but so many. */
    async allow(writes: number) {
      child.send(writes);
      await once(child, 'message');
    },
    isDead: () => child.signalCode === 'SIGKILL',
    async end(signal: 'SIGTERM' | 'SIGKILL') {
      child.kill(signal);
      await closed;
    },
    closed,
  };
}

type Cloud = Awaited<ReturnType<typeof start>>;

/** A folder with a task that is as `reach` leaves it. */
async function given(
  reach: (client: SheafClient) => Promise<string>,
  signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM',
) {
  const folder = givenFolder();
  const cloud = await start(folder);
  const taskId = await reach(cloud.client);
  await cloud.end(signal);
  return { folder, taskId };
}

async function create(client: SheafClient, more: object = {}): Promise<string> {
  const { templateId } = await client.uploadTemplate('letter.docx', docx('Dear {name}'));
  const data: Row[] = [{ name: 'Ada' }, { nam: 'Grace' }, { name: 'Edith' }];
  const options = { missingValue: 'error' as const };
  const body = { templateIds: [templateId], data, options, ...more };
  return (await client.createTask({ body })).taskId;
}

const atEnd = (client: SheafClient, taskId: string) =>
  followTask(client, taskId, undefined, { progress: () => undefined });

async function ended(client: SheafClient): Promise<string> {
  const taskId = await create(client, { autoStart: true });
  await atEnd(client, taskId);
  return taskId;
}

/** A large task under way. */
async function working(client: SheafClient): Promise<string> {
  const { templateId } = await client.uploadTemplate('letter.docx', docx('Dear {name}'));
  const csv = ['name', ...Array.from({ length: MANY_ROWS }, (_, i) => `Person ${i}`)].join('\n');
  const bytes = new TextEncoder().encode(csv);
  const { dataSourceId } = await client.uploadDataSource('people.csv', bytes);
  const body = { templateIds: [templateId], dataSourceId, autoStart: true };
  const { taskId } = await client.createTask({ body });
  const made = async () => (await client.getTask({ taskId })).succeeded;
  await expect.poll(made, { timeout: 60_000, interval: 20 }).toBeGreaterThan(0);
  return taskId;
}

const isIn = (client: SheafClient, taskId: string, status: string) =>
  expect
    .poll(async () => (await client.getTask({ taskId })).status, { timeout: 60_000 })
    .toBe(status);

async function paused(client: SheafClient): Promise<string> {
  const taskId = await working(client);
  await client.pauseTask({ taskId });
  await isIn(client, taskId, 'paused');
  return taskId;
}

/** The archive opens, and has each document once. */
async function expectArchive(client: SheafClient, taskId: string, documents: number) {
  const { url } = await client.downloadArchive({ taskId });
  const path = join(givenFolder(), 'archive.zip');
  writeFileSync(path, Buffer.from(await (await fetch(url)).arrayBuffer()));
  const names = [...(await readZip(path)).keys()].filter((name) => !name.startsWith('_'));
  expect(names).toHaveLength(documents);
}

interface Action {
  readonly call: (client: SheafClient, taskId: string) => Promise<unknown>;
  /** What holds once the call was sent again. */
  readonly holds: (client: SheafClient, taskId: string) => Promise<void>;
}

/** Kills the cloud before the first write of the call, before the second, … until it needs no more. */
async function killAtEachWrite(
  { folder, taskId }: { folder: string; taskId: string },
  { call, holds }: Action,
): Promise<number> {
  for (let writes = 0; writes < 40; writes++) {
    const copy = givenFolder();
    cpSync(folder, copy, { recursive: true });
    let cloud: Cloud = await start(copy);
    await cloud.allow(writes);
    const first = await Promise.race([
      call(cloud.client, taskId).then(
        () => 'answered' as const,
        (error: unknown) => error,
      ),
      cloud.closed.then(() => 'killed' as const),
    ]);
    const wasKilled = first !== 'answered';
    if (wasKilled) {
      await cloud.closed;
      cloud = await start(copy);
      await call(cloud.client, taskId);
    }
    await cloud.allow(Number.MAX_SAFE_INTEGER);
    await holds(cloud.client, taskId);
    await cloud.end('SIGTERM');
    if (!wasKilled) return writes;
  }
  throw new Error('The call writes without end.');
}

describe('the local cloud, killed between any two writes of', { timeout: 600_000 }, () => {
  it('a start, makes every document', async () => {
    const writes = await killAtEachWrite(await given((client) => create(client)), {
      call: (client, taskId) => client.startTask({ taskId }),
      async holds(client, taskId) {
        expect(await atEnd(client, taskId)).toMatchObject({ succeeded: 2, failed: 1 });
        await expectArchive(client, taskId, 2);
      },
    });
    expect(writes).toBeGreaterThan(1);
  });

  it('a retry, makes what failed', async () => {
    const writes = await killAtEachWrite(await given(ended), {
      call: (client, taskId) =>
        client.retryTask({
          taskId,
          body: { corrections: [{ row: 2, values: { name: 'Grace' } }] },
        }),
      async holds(client, taskId) {
        expect(await atEnd(client, taskId)).toMatchObject({ status: 'completed', succeeded: 3 });
        await expectArchive(client, taskId, 3);
      },
    });
    expect(writes).toBeGreaterThan(1);
  });

  it('a cancellation, ends the task', async () => {
    await killAtEachWrite(await given((client) => create(client)), {
      call: (client, taskId) => client.cancelTask({ taskId }),
      holds: (client, taskId) => isIn(client, taskId, 'cancelled'),
    });
  });

  it('a change, changes all or nothing', async () => {
    await killAtEachWrite(await given((client) => create(client)), {
      call: (client, taskId) =>
        client.changeTask({ taskId, body: { name: 'Letters', options: { priority: 90 } } }),
      async holds(client, taskId) {
        const task = await client.getTask({ taskId });
        expect([task.name, task.options.priority]).toEqual(['Letters', 90]);
      },
    });
  });

  it('a deletion, leaves nothing that answers', async () => {
    const gone = (error: unknown) => {
      if (!(error instanceof ApiError) || error.status !== 404) throw error;
    };
    const writes = await killAtEachWrite(await given(ended), {
      call: (client, taskId) => client.deleteTask({ taskId }).catch(gone),
      async holds(client, taskId) {
        await expect(client.getTask({ taskId })).rejects.toMatchObject({ status: 404 });
        expect((await client.listTasks({})).data).toEqual([]);
      },
    });
    expect(writes).toBeGreaterThan(3);
  });

  it('a pause, keeps what was made and goes on with it', async () => {
    const begun = await given(working, 'SIGKILL');
    await killAtEachWrite(begun, {
      call: (client, taskId) => client.pauseTask({ taskId }),
      async holds(client, taskId) {
        await isIn(client, taskId, 'paused');
        await client.resumeTask({ taskId });
        expect(await atEnd(client, taskId)).toMatchObject({ succeeded: MANY_ROWS, failed: 0 });
        await expectArchive(client, taskId, MANY_ROWS);
      },
    });
  });

  it('a resumption, makes every document once', async () => {
    await killAtEachWrite(await given(paused), {
      call: (client, taskId) => client.resumeTask({ taskId }),
      async holds(client, taskId) {
        expect(await atEnd(client, taskId)).toMatchObject({ succeeded: MANY_ROWS, failed: 0 });
        await expectArchive(client, taskId, MANY_ROWS);
      },
    });
  });
});
