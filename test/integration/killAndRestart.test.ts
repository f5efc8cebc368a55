/** The local cloud is killed in the middle of a task, and the task is finished after a restart. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { createClient } from '../../cli/target/client.ts';
import { followTask } from '../../client/followTask.ts';
import { docx } from '../support/docx.ts';
import { startTestCloud, type TestCloud } from '../support/localCloud.ts';
import { readZip } from '../support/readZip.ts';

/** Several shards, and some seconds of work. */
const ROWS = 12_000;

let cloud: TestCloud | undefined;
const folders: string[] = [];
afterAll(async () => {
  await cloud?.remove();
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

/** Waits until that many documents were tried. */
async function progressBeyond(running: TestCloud, taskId: string, documents: number) {
  const client = createClient(running);
  for (;;) {
    const { current } = await client.getProgress({ taskId });
    if (current > documents) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

it(
  'finishes a task that was under way when every process was killed, each document once',
  { timeout: 240_000 },
  async () => {
    cloud = await startTestCloud();
    const first = createClient(cloud);
    const { templateId } = await first.uploadTemplate('letter.docx', docx('Dear {name}'));
    const csv = ['name', ...Array.from({ length: ROWS }, (_, i) => `Person ${i + 1}`)].join('\n');
    const source = await first.uploadDataSource('people.csv', new TextEncoder().encode(csv));
    const { taskId } = await first.createTask({
      body: {
        templateIds: [templateId],
        dataSourceId: source.dataSourceId,
        autoStart: true,
      },
    });

    // Twice: once while shards are rendered, once soon after they were taken up again.
    await progressBeyond(cloud, taskId, 100);
    cloud = await cloud.restart('SIGKILL');
    await progressBeyond(cloud, taskId, 100);
    cloud = await cloud.restart('SIGKILL');

    const client = createClient(cloud);
    const final = await followTask(client, taskId, undefined, {
      progress: ({ current, total }) => expect(current).toBeLessThanOrEqual(total),
    });
    expect(final).toMatchObject({ status: 'completed', succeeded: ROWS, failed: 0, total: ROWS });

    const link = await client.downloadArchive({ taskId });
    const folder = await mkdtemp(join(tmpdir(), 'sheaf-restart-'));
    folders.push(folder);
    const path = join(folder, 'letters.zip');
    await writeFile(path, Buffer.from(await (await fetch(link.url)).arrayBuffer()));
    const names = [...(await readZip(path)).keys()].slice(0, -1);
    expect(names).toEqual(Array.from({ length: ROWS }, (_, i) => `letter-${i + 1}.docx`));
  },
);
