/** What was acknowledged is there after kill -9, whole; what was not is there whole or not at all. */
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createObjectEngine } from '../../local/s3/objectEngine.ts';
import { createTableEngine } from '../../local/dynamodb/tableEngine.ts';
import { bodyOf, BUCKET, TABLE, tableProperties } from '../support/durability.ts';
import { createTestAccess } from '../support/localAws.ts';

const writer = fileURLToPath(new URL('../support/durabilityWriter.ts', import.meta.url));

/** Lets a process write until it has acknowledged this many rounds, then kills it at work. */
async function writeAndKill(dir: string, rounds: number): Promise<number> {
  const child = spawn(process.execPath, ['--import', 'tsx', writer, dir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gone = new Promise((resolve) => child.once('exit', resolve));
  let acknowledged = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged = Number(line);
    if (acknowledged >= rounds) child.kill('SIGKILL');
  }
  await gone;
  return acknowledged;
}

describe('after kill -9', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'sheaf-durability-'));
  });
  afterEach(() => rm(dir, { recursive: true }));

  it('objects, items and indexes are as they were acknowledged', async () => {
    const acknowledged = await writeAndKill(dir, 40);
    expect(acknowledged).toBeGreaterThanOrEqual(40);
    const access = createTestAccess();

    const objects = await createObjectEngine({
      dir: join(dir, 's3'),
      buckets: { [BUCKET]: {} },
      access,
    });
    const read = (key: string) => objects.read({ bucket: BUCKET, key });
    for (let round = 1; round <= acknowledged; round++) {
      expect(bodyOf(round).equals(await read(String(round))), String(round)).toBe(true);
    }
    const latest = await read('latest');
    const round = parseInt(latest.toString('utf8', 0, 20), 10);
    expect(round).toBeGreaterThanOrEqual(acknowledged);
    expect(bodyOf(round).equals(latest)).toBe(true);
    // Nothing is left of what was being written: one file for each object that is there.
    const next = await read(String(acknowledged + 1)).catch(() => undefined);
    const whole = acknowledged + 1 + (next ? 1 : 0);
    expect(await readdir(join(dir, 's3', 'data'))).toHaveLength(whole);
    objects.close();

    const tables = await createTableEngine({
      dir: join(dir, 'dynamodb'),
      tables: { [TABLE]: tableProperties },
      access,
    });
    const items = await itemsOf(tables.call('Scan', { TableName: TABLE }));
    const byKey = new Map(items.map((item) => [item.pk?.S, item]));
    for (let round = 1; round <= acknowledged; round++) expect(byKey.has(String(round))).toBe(true);
    expect(Number(byKey.get('counter')?.rounds?.N)).toBeGreaterThanOrEqual(acknowledged);
    // The index shows the items of the table, to the last attribute, and no others.
    const listed = await itemsOf(tables.call('Scan', { TableName: TABLE, IndexName: 'byOwner' }));
    const inOrder = (all: typeof items) => all.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    expect(inOrder(listed)).toEqual(inOrder(items));
    await tables.close();
  });
});

type StoredItem = Record<string, { S?: string; N?: string }>;

const keyOf = (item: StoredItem) => item.pk?.S ?? '';

async function itemsOf(page: Promise<object>): Promise<StoredItem[]> {
  const { Items, LastEvaluatedKey } = (await page) as {
    Items: StoredItem[];
    LastEvaluatedKey?: object;
  };
  expect(LastEvaluatedKey).toBeUndefined();
  return Items;
}
