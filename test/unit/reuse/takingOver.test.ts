/** How documents of an earlier task come into a segment: copied by the store where many lie together. */
import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { newCreation } from '../../../shared/creation.ts';
import { completeDataSource, createDataSource } from '../../../shared/dataSources/dataSources.ts';
import { ingestSource } from '../../../shared/dataSources/ingestSource.ts';
import { objectKeys } from '../../../shared/keys.ts';
import { S3_MIN_PART_BYTES } from '../../../shared/limits.ts';
import { ObjectMissing, type ObjectStore } from '../../../shared/ports.ts';
import type { Row } from '../../../shared/schemas/common.ts';
import { renderShard } from '../../../shared/shards/renderShard.ts';
import { getTask } from '../../../shared/tasks/readTasks.ts';
import { loadShards } from '../../../shared/tasks/taskStore.ts';
import { readArchive } from '../../support/archives.ts';
import { createMemoryPorts } from '../../support/memoryPorts.ts';
import { mortalPorts } from '../../support/mortalPorts.ts';
import {
  archiveBytes,
  givenTemplate,
  runTask,
  startedTask,
  UNHURRIED,
} from '../../support/runTask.ts';
import { OWNER } from '../../support/tasks.ts';

const ports = createMemoryPorts();
const templateIds: string[] = [];
beforeAll(async () => {
  templateIds.push(await givenTemplate(ports, '{a}{both}'));
});

/** Text that no compression makes smaller than some 48 KB. */
const noise = (seed: string): string => {
  let text = '';
  for (let i = 0; text.length < 64_000; i++) {
    text += createHash('sha256').update(`${seed} ${i}`).digest('base64');
  }
  return text;
};

const COUNT = 400;
/** Some 19 MB of documents, each of which is there several times: only one has the name of its row. */
const people = (): Row[] =>
  Array.from({ length: COUNT }, (_, i) => ({ a: noise(`${i % 150}`), both: '' }));
let rows: Row[] = [];
let base = '';
let size = 0;
beforeAll(async () => {
  rows = people();
  base = await run(rows);
  const [shard, ...others] = await loadShards(ports, base);
  expect(others).toEqual([]);
  size = shard?.segments[0]?.entriesBytes ?? 0;
  expect(size).toBeGreaterThan(3 * S3_MIN_PART_BYTES);
});

/** Data sources by what they were made of. */
const sources = new Map<Row[], string>();

async function sourceOf(data: Row[]): Promise<string> {
  const known = sources.get(data);
  if (known !== undefined) return known;
  const source = { name: 'people', fileName: 'people.jsonl' };
  const creation = newCreation('dataSource', ports);
  const { dataSourceId } = await createDataSource(ports, OWNER, source, creation);
  const lines = data.map((row) => `${JSON.stringify(row)}\n`).join('');
  await ports.objects.put(objectKeys.sourceUpload(dataSourceId), Buffer.from(lines));
  await completeDataSource(ports, OWNER, dataSourceId, {});
  await ingestSource(ports, { dataSourceId, read: 1 });
  sources.set(data, dataSourceId);
  return dataSourceId;
}

const started = async (data: Row[], baseTaskId?: string) =>
  startedTask(ports, {
    templateIds,
    dataSourceId: await sourceOf(data),
    ...(baseTaskId !== undefined && { baseTaskId }),
  });

async function run(data: Row[], baseTaskId?: string) {
  const { taskId } = await started(data, baseTaskId);
  await runTask(ports, taskId);
  return taskId;
}

/** A world that counts the bytes that are copied, read and sent while shards are rendered. */
function counted() {
  const bytes = { copied: 0, read: 0, sent: 0 };
  const isSegment = (key: string) => key.includes('/segments/');
  const objects: ObjectStore = {
    ...ports.objects,
    async read(key, ...rest) {
      const found = await ports.objects.read(key, ...rest);
      if (isSegment(key)) bytes.read += found.length;
      return found;
    },
    async startUpload(key, options) {
      const upload = await ports.objects.startUpload(key, options);
      if (!isSegment(key)) return upload;
      return {
        ...upload,
        uploadPart(number, body) {
          bytes.sent += body.length;
          return upload.uploadPart(number, body);
        },
        copyPart(number, from, range) {
          bytes.copied += range?.length ?? 0;
          return upload.copyPart(number, from, range);
        },
      };
    },
  };
  return { bytes, world: { ...ports, objects } };
}

/** Renders it upon the earlier task, and compares the archive with one that was made. */
async function upon(data: Row[], reused: number) {
  const { bytes, world } = counted();
  const { taskId } = await started(data, base);
  await runTask(ports, taskId, {
    work: (shard) => renderShard({ ...ports, ...world }, shard, UNHURRIED),
  });
  expect(await getTask(ports, OWNER, taskId)).toMatchObject({
    succeeded: data.length,
    reused,
  });
  const archive = await archiveBytes(ports, taskId);
  const anew = data === rows ? base : await run(data);
  expect(archive.equals(await archiveBytes(ports, anew))).toBe(true);
  expect(await readArchive(archive)).toHaveLength(data.length + 1);
  return { taskId, ...bytes };
}

describe('a long run of documents', () => {
  it('is copied by the store, and not read', async () => {
    const { copied, read, sent } = await upon(rows, COUNT);
    expect(copied).toBe(size);
    expect(read + sent).toBeLessThan(size / 50);
  });

  it('is copied up to what changed, and behind it once a part is full', async () => {
    const changed = rows.with(150, { a: 'other', both: '' }).with(151, { a: 'one', both: '' });
    const { copied, read } = await upon(changed, COUNT - 2);
    // In front of the second stretch a part is filled.
    expect(copied).toBeGreaterThan(size - 2 * S3_MIN_PART_BYTES);
    expect(read).toBeLessThan(3 * S3_MIN_PART_BYTES);
  });

  it('is read where it is too short, or its names are others', async () => {
    const often = rows.map((row, i) => (i % 60 === 30 ? { a: String(i), both: '' } : row));
    expect((await upon(often, COUNT - 7)).copied).toBe(0);
    const moved = [{ a: 'first', both: '' }, ...rows];
    const { copied, sent } = await upon(moved, COUNT);
    expect(copied).toBe(0);
    expect(sent).toBeGreaterThan(size);
  });

  it('goes on where rows are missing, failed or skipped', async () => {
    // Row 200 keeps its place, and so do the names behind it.
    const bad = 'bad \u0001';
    const data = rows.with(200, { a: bad, both: '' }).with(201, {});
    const { taskId } = await started(data, base);
    await runTask(ports, taskId);
    expect(await getTask(ports, OWNER, taskId)).toMatchObject({
      succeeded: COUNT - 2,
      failed: 1,
      skipped: 1,
      reused: COUNT - 2,
    });
    const anew = await archiveBytes(ports, await run(data));
    expect((await archiveBytes(ports, taskId)).equals(anew)).toBe(true);
    // And so is the base of the next.
    const next = await run(data, taskId);
    expect(await getTask(ports, OWNER, next)).toMatchObject({ reused: COUNT - 2 });
    expect((await archiveBytes(ports, next)).equals(anew)).toBe(true);
  });
});

describe('what goes wrong while it is copied', () => {
  it('makes all anew, of what was copied before, too', async () => {
    let copies = 0;
    const objects: ObjectStore = {
      ...ports.objects,
      async startUpload(...call) {
        const upload = await ports.objects.startUpload(...call);
        return {
          ...upload,
          async copyPart(...part) {
            if (++copies === 2) throw new ObjectMissing(part[1]);
            await upload.copyPart(...part);
          },
        };
      },
    };
    const data = rows.with(150, { a: 'other', both: '' });
    const { taskId } = await started(data, base);
    await runTask(ports, taskId, {
      work: (shard) => renderShard({ ...ports, objects }, shard, UNHURRIED),
    });
    expect(copies).toBe(2);
    const { status, succeeded, reused } = await getTask(ports, OWNER, taskId);
    expect({ status, succeeded, reused }).toEqual({
      status: 'completed',
      succeeded: COUNT,
      reused: 0,
    });
    const anew = await archiveBytes(ports, await run(data));
    expect((await archiveBytes(ports, taskId)).equals(anew)).toBe(true);
    expect(ports.objects.openUploads()).toBe(0);
  });

  it('has the same archive when its worker is killed at many of its calls', async () => {
    const data = rows;
    const expected = await archiveBytes(ports, base);
    for (let at = 1, isOver = false; !isOver; at += 5) {
      const { taskId } = await started(data, base);
      const mortal = mortalPorts(ports, at, at % 2 === 0 ? 'before' : 'behind');
      await runTask(ports, taskId, {
        work: async (shard) => {
          await renderShard(mortal.ports, shard, UNHURRIED).catch(() => undefined);
          ports.clock.advance(60_000);
          await renderShard(ports, shard, UNHURRIED);
        },
      });
      isOver = !mortal.isDead();
      expect(await getTask(ports, OWNER, taskId)).toMatchObject({
        status: 'completed',
        reused: COUNT,
      });
      expect((await archiveBytes(ports, taskId)).equals(expected)).toBe(true);
    }
  }, 240_000);
});
