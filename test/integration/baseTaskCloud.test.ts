/** A task upon an earlier one on the local cloud: its own storage, permissions and processes. */
import { createHash } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClient } from '../../cli/target/client.ts';
import { docx } from '../support/docx.ts';
import { startTestCloud, type TestCloud } from '../support/localCloud.ts';
import { readZip } from '../support/readZip.ts';

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud();
});
afterAll(() => cloud.remove());

/** Text that no compression makes much smaller. */
function noise(seed: number): string {
  let text = '';
  for (let i = 0; text.length < 40_000; i++) {
    text += createHash('sha256').update(`${seed} ${i}`).digest('base64url');
  }
  return text;
}

/** Documents of some 30 KB each, 15 MB together: some of it is copied, some is read. */
const COUNT = 500;
const lines = Array.from({ length: COUNT }, (_, i) => `Person ${i + 1},${noise(i)},note ${i}`);
const csv = (changed: readonly string[]) => `name,text,unused\n${changed.join('\n')}\n`;

const source = async (text: string) =>
  (await createClient(cloud).uploadDataSource('people.csv', new Uint8Array(Buffer.from(text))))
    .dataSourceId;

async function ended(taskId: string) {
  const get = () => createClient(cloud).getTask({ taskId });
  await expect
    .poll(async () => (await get()).finishedAt, { timeout: 60_000, interval: 200 })
    .not.toBe(null);
  return get();
}

async function archiveOf(taskId: string): Promise<Buffer> {
  const { url } = await createClient(cloud).downloadArchive({ taskId });
  return Buffer.from(await (await fetch(url)).arrayBuffer());
}

describe('a task upon an earlier one', () => {
  it('has the archive that it would have without it, also when the cloud is killed under it', async () => {
    const client = createClient(cloud);
    const template = docx('Dear {name},', '{text}');
    const { templateId } = await client.uploadTemplate('letter.docx', template);
    const order = (dataSourceId: string, baseTaskId?: string) =>
      createClient(cloud).createTask({
        body: {
          templateIds: [templateId],
          dataSourceId,
          autoStart: true,
          ...(baseTaskId !== undefined && { baseTaskId }),
        },
      });

    const before = await source(csv(lines));
    const base = await order(before);
    expect(await ended(base.taskId)).toMatchObject({ status: 'completed', reused: 0 });

    const now = lines.with(400, 'Somebody else,short,x').with(3, `${lines[3]} changed`);
    const after = await source(csv([...now, 'One more,text,y']));
    const anew = await order(after);
    expect(await ended(anew.taskId)).toMatchObject({ succeeded: COUNT + 1, reused: 0 });
    const expected = await archiveOf(anew.taskId);

    const upon = await order(after, base.taskId);
    expect(upon.warnings).toEqual(anew.warnings);
    const whole = { status: 'completed', succeeded: COUNT + 1, failed: 0, reused: COUNT - 1 };
    expect(await ended(upon.taskId)).toMatchObject({ ...whole, baseTaskId: base.taskId });
    expect((await archiveOf(upon.taskId)).equals(expected)).toBe(true);

    const path = join(tmpdir(), `sheaf-base-${upon.taskId}.zip`);
    await writeFile(path, expected);
    expect((await readZip(path)).size).toBe(COUNT + 2);
    await rm(path);

    const killed = await order(after, upon.taskId);
    cloud = await cloud.restart('SIGKILL');
    expect(await ended(killed.taskId)).toMatchObject({ ...whole, reused: COUNT + 1 });
    expect((await archiveOf(killed.taskId)).equals(expected)).toBe(true);
  }, 240_000);
});
