/** Documents of a task found by their names: which, by how many reads, and on from where a page stopped. */
import { beforeAll, describe, expect, it } from 'vitest';
import { documentLine } from '../../../shared/archive/reports.ts';
import { tableKeys } from '../../../shared/keys.ts';
import { LOOKED_BYTES, LOOKS_AT_ONCE, MAX_LOOKS } from '../../../shared/limits.ts';
import type { Row } from '../../../shared/schemas/common.ts';
import { ShardItemSchema } from '../../../shared/schemas/items.ts';
import {
  ListDocumentsQuerySchema,
  RetryTaskSchema,
  type DocumentsPage,
} from '../../../shared/schemas/taskApi.ts';
import { listDocuments, listFailures } from '../../../shared/tasks/readReports.ts';
import { retryTask } from '../../../shared/tasks/retryTask.ts';
import { createMemoryPorts, type MemoryPorts } from '../../support/memoryPorts.ts';
import { givenTemplate, runTask, startedTask } from '../../support/runTask.ts';
import { givenTask, OWNER } from '../../support/tasks.ts';

const TASKS = {
  hundred: 'task_01J0000000000000000000000A',
  small: 'task_01J0000000000000000000000B',
};

/** Every page of a search. */
async function pagesOf(ports: MemoryPorts, taskId: string, query: object) {
  const pages: DocumentsPage[] = [];
  let cursor: string | null = null;
  do {
    const asked = ListDocumentsQuerySchema.parse({
      limit: 100,
      ...query,
      ...(cursor && { cursor }),
    });
    const page: DocumentsPage = await listDocuments(ports, OWNER, taskId, asked);
    pages.push(page);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return pages;
}
const rowsIn = (pages: readonly DocumentsPage[]) =>
  pages.flatMap(({ data }) => data.map(({ row }) => row));
const found = async (ports: MemoryPorts, taskId: string, query: object) =>
  rowsIn(await pagesOf(ports, taskId, query));

const refusedCursor = {
  code: 'VALIDATION_ERROR',
  errors: [{ pointer: '/cursor', detail: expect.any(String) as string }],
};

describe('names as people write them', () => {
  const NAMES = [
    'Ada Lovelace',
    'ADA, "the Countess"',
    '=SUM(A1)',
    "'=SUM(A1)",
    'Zoë',
    'Zoe\u0308',
    'Straße',
    'İstanbul',
    '李雷',
    '😀',
    '\u202eevil',
    'a%_.*+?(b',
    'Row (3)',
    '..\\..\\up',
    'line\nbreak',
    'bad \u0001',
  ];
  /** The last one cannot be made. */
  const MADE = NAMES.map((_, i) => i + 1).slice(0, -1);
  const ports = createMemoryPorts();
  let taskId: string;
  beforeAll(async () => {
    const data = NAMES.map((name): Row => ({ name }));
    const templateIds = [await givenTemplate(ports, 'Dear {name}')];
    ({ taskId } = await startedTask(ports, { templateIds, data, fileName: 'x/{name}' }));
    await runTask(ports, taskId);
  });

  it.each([
    ['ada', [1, 2]],
    ['LOVELACE', [1]],
    ['sum(a1)', [3, 4]],
    ['zoë', [5, 6]],
    ['ZOE\u0308', [5, 6]],
    ['zoe', []],
    ['STRASSE', [7]],
    ['i̇stanbul', [8]],
    ['雷', [9]],
    ['😀', [10]],
    ['evil', [11]],
    ['%_.', [12]],
    ['.docx', MADE],
    ['X/', MADE],
    ['(3)', [3, 13]],
    ['nobody', []],
  ])('%j is found in its names alone', async (name, rows) => {
    expect(await found(ports, taskId, { name })).toEqual(rows);
  });

  it('finds every document by its whole name, in any case, with its folder or without', async () => {
    const all = (await pagesOf(ports, taskId, {})).flatMap(({ data }) => data);
    expect(all).toHaveLength(NAMES.length);
    for (const document of all) {
      const { name, row } = document;
      if (name === null) continue;
      for (const text of [name, name.toUpperCase(), name.slice(2), name.normalize('NFD')]) {
        const pages = await pagesOf(ports, taskId, { name: text });
        expect.soft(pages, text).toEqual([
          {
            data: [document],
            nextCursor: null,
            throughRow: NAMES.length,
            rowCount: NAMES.length,
          },
        ]);
      }
      // The same row, and another name.
      expect.soft(await found(ports, taskId, { name: `no (${row}).docx` })).toEqual([]);
    }
  });

  it('finds nothing among documents that were not made', async () => {
    expect(await found(ports, taskId, { name: 'a', status: 'failed' })).toEqual([]);
    expect(await found(ports, taskId, { name: 'ada', status: 'succeeded' })).toEqual([1, 2]);
  });

  it.each(['', 'a'.repeat(181), '\ud800'])('refuses %j as a name', (name) => {
    expect(ListDocumentsQuerySchema.safeParse({ name }).success).toBe(false);
  });
});

describe('a retry', () => {
  it('has its documents found, and lists go on through what it wrote anew', async () => {
    const ports = createMemoryPorts();
    const templateIds = [await givenTemplate(ports, 'Dear {name}')];
    const data = Array.from({ length: 9 }, (_, i): Row => ({
      name: i === 4 ? 'bad \u0001' : 'Al',
    }));
    const { taskId } = await startedTask(ports, { templateIds, data, fileName: '{row} {name}' });
    await runTask(ports, taskId);
    const query = { name: 'al', limit: 3 };
    const first = await listDocuments(ports, OWNER, taskId, query);
    const plain = await listDocuments(ports, OWNER, taskId, { limit: 3 });
    expect(first.throughRow).toBe(3);
    const corrections = [{ row: 5, values: { name: 'Alma' } }];
    await retryTask(ports, OWNER, taskId, RetryTaskSchema.parse({ corrections }));
    await runTask(ports, taskId);
    expect(await found(ports, taskId, { name: 'alma' })).toEqual([5]);
    expect(await found(ports, taskId, query)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    // What a retry wrote in place of the older lines: they go on behind the same document.
    for (const [page, asked] of [
      [first, query],
      [plain, { limit: 3 }],
    ] as const) {
      const next = { ...asked, limit: 100, cursor: page.nextCursor ?? '' };
      const rest = await listDocuments(ports, OWNER, taskId, next);
      expect(rowsIn([rest])).toEqual([4, 5, 6, 7, 8, 9]);
      expect(rest.nextCursor).toBeNull();
    }
  });

  it('goes on behind the very document, among several of a row', async () => {
    const ports = createMemoryPorts();
    const templateIds = [await givenTemplate(ports, 'A {name}'), await givenTemplate(ports, 'B')];
    const data = Array.from({ length: 4 }, (_, i): Row => ({
      name: i === 0 ? 'bad \u0001' : 'Al',
    }));
    const body = { templateIds, data, fileName: '{name} {template} {row}' };
    const { taskId } = await startedTask(ports, body);
    await runTask(ports, taskId);
    const pages = [{ limit: 4 }, { limit: 4, name: 'a' }];
    const before = await Promise.all(
      pages.map((page) => listDocuments(ports, OWNER, taskId, page)),
    );
    const corrections = [{ row: 1, values: { name: 'A much longer name than it had' } }];
    await retryTask(ports, OWNER, taskId, RetryTaskSchema.parse({ corrections }));
    await runTask(ports, taskId);
    for (const [i, asked] of pages.entries()) {
      const cursor = before[i]?.nextCursor ?? '';
      const rest = await listDocuments(ports, OWNER, taskId, { ...asked, limit: 100, cursor });
      const all = await listDocuments(ports, OWNER, taskId, { ...asked, limit: 100 });
      const last = before[i]?.data.at(-1);
      const index = all.data.findIndex(
        ({ row, template }) => row === last?.row && template === last.template,
      );
      expect(rest.data).toEqual(all.data.slice(index + 1));
      expect(rest.data.length).toBeGreaterThan(0);
    }
  });
});

/** A task of so many documents, as its shards would have written them. */
async function givenDocuments(ports: MemoryPorts, taskId: string, count: number, shards: number) {
  await givenTask(ports, { taskId, rowCount: count, totalDocuments: count, fileName: '{name}' });
  const rowCount = count / shards;
  for (let firstRow = 1; firstRow <= count; firstRow += rowCount) {
    let lines = '';
    for (let row = firstRow; row < firstRow + rowCount; row++) {
      lines += documentLine(row, 'letter', nameOf(row), 1_000, 'a'.repeat(64));
    }
    const key = `tasks/${taskId}/${firstRow}`;
    await ports.objects.put(key, Buffer.from(lines));
    const bytes = Buffer.byteLength(lines);
    const item = ShardItemSchema.parse({
      ...{ taskId, firstRow, rowCount, byteOffset: 0, byteLength: 1, run: 1, round: 1 },
      ...{ status: 'done', attempt: 1, tries: 1, brokenTries: 0, leaseUntil: 0 },
      reached: { rows: rowCount, parts: 0, bytes: 1, begunBytes: 1 },
      counts: { succeeded: rowCount, failed: 0, skipped: 0 },
      segments: [
        {
          ...{ key, documents: rowCount, entriesBytes: 0, directoryBytes: 0, failures: 0 },
          ...{ manifestBytes: bytes, manifestCrc: 0, failuresBytes: 0, failuresCrc: 0 },
        },
      ],
    });
    await ports.table.put(tableKeys.shard(taskId, firstRow), item);
  }
}
const nameOf = (row: number) =>
  `${row === 77_777 ? 'Grace Hopper' : `Person ${row % 997}`} (${row}).docx`;

describe.each([
  { shards: 4, requests: 4, reads: 24 },
  { shards: 20, requests: 4, reads: 60 },
  { shards: 1_000, requests: 7, reads: 1_010 },
])('among 100,000 documents of $shards shards', ({ shards, requests, reads }) => {
  const ports = createMemoryPorts();
  const taskId = TASKS.hundred;
  let counts = { reads: 0, bytes: 0, atOnce: 0 };
  const objects: MemoryPorts['objects'] = {
    ...ports.objects,
    async read(...args) {
      counts.reads++;
      const bytes = await ports.objects.read(...args);
      counts.bytes += bytes.length;
      return bytes;
    },
  };
  const counting = { ...ports, objects };
  /** What one request takes. */
  async function costOf(query: object) {
    counts = { reads: 0, bytes: 0, atOnce: 0 };
    const queries = ports.table.calls.query;
    const asked = ListDocumentsQuerySchema.parse({ limit: 100, ...query });
    const page = await listDocuments(counting, OWNER, taskId, asked);
    return { page, ...counts, queries: ports.table.calls.query - queries };
  }
  beforeAll(() => givenDocuments(ports, taskId, 100_000, shards));

  it('finds one by a part of its name in a few requests, each of bounded work', async () => {
    let cursor: string | null = null;
    let all = 0;
    const through: number[] = [];
    const rows: number[] = [];
    do {
      const cost: Awaited<ReturnType<typeof costOf>> = await costOf({
        name: 'grace hop',
        ...(cursor && { cursor }),
      });
      expect(cost.bytes).toBeLessThanOrEqual(LOOKED_BYTES);
      expect(cost.reads).toBeLessThanOrEqual(LOOKS_AT_ONCE * MAX_LOOKS);
      expect(cost.queries).toBeLessThanOrEqual(2);
      all += cost.reads;
      rows.push(...cost.page.data.map(({ row }) => row));
      through.push(cost.page.throughRow);
      cursor = cost.page.nextCursor;
    } while (cursor !== null);
    expect(rows).toEqual([77_777]);
    expect(through).toEqual([...through].sort((a, b) => a - b));
    expect(through.at(-1)).toBe(100_000);
    expect(through.length).toBeLessThanOrEqual(requests);
    expect(all).toBeLessThanOrEqual(reads);
  });

  it('finds one by its whole name at once', async () => {
    const { page, bytes } = await costOf({ name: 'grace hopper (77777).DOCX' });
    expect(page).toMatchObject({ data: [{ row: 77_777 }], nextCursor: null, throughRow: 100_000 });
    expect(bytes).toBeLessThanOrEqual(LOOKED_BYTES);
  });

  it('reads little where much is found, and finds each once', async () => {
    const { page, bytes } = await costOf({ name: 'person', limit: 20 });
    expect(rowsIn([page])).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    expect(bytes).toBeLessThanOrEqual(64 * 1024);
    const rows = await found(ports, taskId, { name: 'person 99 ' });
    expect(rows).toEqual(
      Array.from({ length: 100_000 }, (_, i) => i + 1).filter((row) => row % 997 === 99),
    );
  });

  it('refuses a cursor of another name, outcome, list or task', async () => {
    const { nextCursor } = (await costOf({ name: 'person', limit: 1 })).page;
    const cursor = nextCursor ?? '';
    await givenTask(ports, { taskId: TASKS.small });
    const refusals = [
      listDocuments(ports, OWNER, taskId, { name: 'persons', limit: 1, cursor }),
      listDocuments(ports, OWNER, taskId, { name: 'person', status: 'failed', limit: 1, cursor }),
      listDocuments(ports, OWNER, taskId, { limit: 1, cursor }),
      listFailures(ports, OWNER, taskId, { limit: 1, cursor }),
      listDocuments(ports, OWNER, TASKS.small, { name: 'person', limit: 1, cursor }),
      ...[
        '1.0',
        `1.0.${'a'.repeat(8)}.1.1.${'a'.repeat(12)}`,
        `0${cursor}`,
        cursor.slice(1),
        'x',
      ].map((made) =>
        listDocuments(ports, OWNER, taskId, { name: 'person', limit: 1, cursor: made }),
      ),
    ];
    for (const refusal of refusals) await expect(refusal).rejects.toMatchObject(refusedCursor);
    const same = await listDocuments(ports, OWNER, taskId, { name: 'PERSON', limit: 1, cursor });
    expect(rowsIn([same])).toEqual([2]);
  });
});
