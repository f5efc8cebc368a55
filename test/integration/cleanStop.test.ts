/** The local cloud is stopped in order in the middle of a task, and the next start goes on at once. */
import dynalite from 'dynalite/db/index.js';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { createClient } from '../../cli/target/client.ts';
import { followTask } from '../../client/followTask.ts';
import { runOperation } from '../../local/dynamodb/operations.ts';
import { itemsOf } from '../../local/dynamodb/tableCalls.ts';
import { docx } from '../support/docx.ts';
import { startTestCloud, type TestCloud } from '../support/localCloud.ts';

/** So many that a fast machine is still at work when it is stopped. */
const ROWS = 60_000;

let cloud: TestCloud | undefined;
afterEach(() => cloud?.remove());

/** The items of the table in a folder that no local cloud has open. */
async function itemsIn(dataDir: string): Promise<Record<string, unknown>[]> {
  const store = dynalite.create({ path: join(dataDir, 'table') });
  await store.db.open();
  const items = [];
  const all = itemsOf((operation, input) => runOperation(store, operation, input), 'Scan', {
    TableName: 'Sheaf-TableCD117FA1',
  });
  for await (const item of all) items.push(item);
  await store.db.close();
  return items;
}

/** What the functions of a step have printed. */
const logsOf = ({ dataDir }: TestCloud, step: string) =>
  readdirSync(join(dataDir, 'logs'))
    .filter((name) => name.includes(step))
    .map((name) => readFileSync(join(dataDir, 'logs', name), 'utf8'))
    .join('');

it(
  'gives back what functions held, so that nobody waits for them',
  { timeout: 240_000 },
  async () => {
    cloud = await startTestCloud();
    const client = createClient(cloud);
    const { templateId } = await client.uploadTemplate('letter.docx', docx('Dear {name}'));
    const csv = ['name', ...Array.from({ length: ROWS }, (_, i) => `Person ${i + 1}`)].join('\n');
    const source = await client.uploadDataSource('people.csv', new TextEncoder().encode(csv));
    const { taskId } = await client.createTask({
      body: {
        templateIds: [templateId],
        dataSourceId: source.dataSourceId,
        autoStart: true,
        options: { concurrency: 2 },
      },
    });
    const current = async () => (await client.getProgress({ taskId })).current;
    await expect.poll(current, { timeout: 60_000, interval: 20 }).toBeGreaterThan(0);
    await cloud.end('SIGTERM');

    const items = await itemsIn(cloud.dataDir);
    const leases = items.filter(({ status }) => isText(status, 'working'));
    expect(leases.length).toBeGreaterThan(0);
    expect(leases.map(({ leaseUntil }) => leaseUntil)).toEqual(leases.map(() => ({ N: '0' })));
    const turns = items.flatMap(({ pushLeaseUntil }) => pushLeaseUntil ?? []);
    expect(turns).toEqual([{ N: '0' }]);

    cloud = await cloud.restart('SIGTERM');
    const final = await followTask(createClient(cloud), taskId, undefined, {
      progress: ({ current, total }) => expect(current).toBeLessThanOrEqual(total),
    });
    expect(final).toMatchObject({ status: 'completed', succeeded: ROWS, failed: 0, total: ROWS });
    // Nobody met a shard that another attempt seemed to hold.
    expect(logsOf(cloud, 'RenderShard')).not.toContain('ShardBusy');
  },
);

const isText = (value: unknown, text: string) => JSON.stringify(value) === `{"S":"${text}"}`;
