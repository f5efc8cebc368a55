import { describe, expect, it } from 'vitest';
import {
  completeDataSource,
  createDataSource,
  getDataSource,
  listDataSources,
  previewRows,
  requireReadyDataSource,
  sourceUpload,
} from '../../../shared/dataSources/dataSources.ts';
import { ingestSource } from '../../../shared/dataSources/ingestSource.ts';
import { newCreation } from '../../../shared/creation.ts';
import { objectKeys, tableKeys } from '../../../shared/keys.ts';
import {
  AWAITING_UPLOAD_SECONDS,
  MAX_SOURCE_BYTES,
  UPLOAD_LINK_SECONDS,
} from '../../../shared/limits.ts';
import {
  CreatedDataSourceSchema,
  CreateDataSourceSchema,
  DataSourceViewSchema,
} from '../../../shared/schemas/dataSourceApi.ts';
import { ReadingOptionsSchema } from '../../../shared/schemas/common.ts';
import { DataSourceItemSchema } from '../../../shared/schemas/items.ts';
import { createMemoryObjectStore } from '../../support/memoryObjectStore.ts';
import { createMemoryPorts, type MemoryPorts } from '../../support/memoryPorts.ts';
import type { Ports } from '../../../shared/ports.ts';

const OWNER = 'owner-1';

async function create(
  ports: Parameters<typeof createDataSource>[0] & Pick<Ports, 'random'>,
  fileName = 'people.csv',
  owner = OWNER,
) {
  const creation = newCreation('dataSource', ports);
  const body = { name: 'People', fileName };
  const { dataSourceId } = await createDataSource(ports, owner, body, creation);
  return dataSourceId;
}

const upload = (ports: MemoryPorts, dataSourceId: string, text: string) =>
  ports.objects.put(objectKeys.sourceUpload(dataSourceId), Buffer.from(text));

/** A data source whose file was uploaded, completed and read. */
async function createRead(ports: MemoryPorts, text: string, fileName = 'people.csv') {
  const dataSourceId = await create(ports, fileName);
  await upload(ports, dataSourceId, text);
  await completeDataSource(ports, OWNER, dataSourceId, {});
  await ingestSource(ports, { dataSourceId, read: 1 });
  return dataSourceId;
}

describe('creating a data source', () => {
  it('gives a link to upload to, and forgets the data source after a day without a file', async () => {
    const ports = createMemoryPorts();
    const made = await createDataSource(
      ports,
      OWNER,
      { name: 'People', fileName: 'people.CSV' },
      newCreation('dataSource', ports),
    );
    const created = { ...made, upload: await sourceUpload(ports, made) };
    expect(CreatedDataSourceSchema.parse(created)).toEqual(created);
    const { dataSourceId } = created;
    expect(created).toMatchObject({
      name: 'People',
      fileName: 'people.CSV',
      status: 'awaiting_upload',
      createdAt: '2026-01-01T00:00:00.000Z',
      upload: {
        method: 'PUT',
        headers: { 'content-type': 'text/csv' },
        expiresAt: new Date(ports.clock.now() + UPLOAD_LINK_SECONDS * 1000).toISOString(),
      },
    });
    expect(created.upload.url).toContain(objectKeys.sourceUpload(dataSourceId));

    ports.clock.advance(AWAITING_UPLOAD_SECONDS * 1000 - 1);
    await getDataSource(ports, OWNER, dataSourceId);
    ports.clock.advance(1);
    await expect(getDataSource(ports, OWNER, dataSourceId)).rejects.toMatchObject({
      code: 'DATA_SOURCE_NOT_FOUND',
    });
  });

  it.each([
    [
      'people.xls',
      'Open the workbook in Excel, save it as "Excel Workbook (.xlsx)" and upload that.',
    ],
    [
      'people.xlsx.gz',
      'A workbook is compressed already: upload it under a name that ends in .xlsx.',
    ],
    [
      'people.docx',
      'This is no table: rows come from a file ending in .csv, .xlsx, .json or .jsonl, and Word documents are uploaded as templates.',
    ],
    [
      '.csv',
      'The name of a table file, ending in .csv, .xlsx, .json or .jsonl, or in .csv.gz, .json.gz or .jsonl.gz.',
    ],
    [
      'people',
      'The name of a table file, ending in .csv, .xlsx, .json or .jsonl, or in .csv.gz, .json.gz or .jsonl.gz.',
    ],
  ])('refuses %s', async (fileName, detail) => {
    const ports = createMemoryPorts();
    await expect(create(ports, fileName)).rejects.toMatchObject({
      code: 'VALIDATION_ERROR',
      errors: [{ pointer: '/fileName', detail }],
    });
    expect(ports.table.items()).toEqual([]);
    const parsed = CreateDataSourceSchema.safeParse({ name: 'People', fileName });
    expect(parsed.error?.issues[0]).toMatchObject({ path: ['fileName'], message: detail });
  });
});

describe('completing a data source', () => {
  it('starts its reading', async () => {
    const ports = createMemoryPorts();
    const dataSourceId = await create(ports);
    await upload(ports, dataSourceId, 'a;b\n1;2\n');
    const view = await completeDataSource(ports, OWNER, dataSourceId, { delimiter: ';' });
    expect(view).toMatchObject({ dataSourceId, status: 'ingesting' });
    expect(view).not.toHaveProperty('upload');
    expect(ports.workflow.starts).toEqual([
      {
        workflow: 'ingest',
        executionName: `${dataSourceId}-1`,
        input: { dataSourceId, read: 1 },
      },
    ]);
    // What is under way, or done, is kept.
    ports.clock.advance(AWAITING_UPLOAD_SECONDS * 2_000);
    expect(await getDataSource(ports, OWNER, dataSourceId)).toEqual(view);
  });

  it('reads an invalid one again with other options or another file, and not otherwise', async () => {
    const ports = createMemoryPorts();
    const dataSourceId = await createRead(ports, 'a;b\n1;2;3\n');
    const complete = (options: object) =>
      completeDataSource(ports, OWNER, dataSourceId, ReadingOptionsSchema.parse(options));
    expect(await complete({})).toMatchObject({ status: 'invalid' });
    expect(ports.workflow.starts).toHaveLength(1);

    expect(await complete({ delimiter: '|' })).not.toHaveProperty('problems');
    await ingestSource(ports, { dataSourceId, read: 1 });
    expect(await getDataSource(ports, OWNER, dataSourceId)).toMatchObject({ status: 'ingesting' });
    const second = ports.workflow.starts.at(-1);
    expect(second).toMatchObject({ executionName: `${dataSourceId}-2`, input: { read: 2 } });
    await ingestSource(ports, { dataSourceId, read: 2 });
    expect(await getDataSource(ports, OWNER, dataSourceId)).toMatchObject({
      status: 'ready',
      columns: ['a;b'],
    });
    expect(await complete({ delimiter: ';' })).toMatchObject({ columns: ['a;b'] });

    const corrected = await createRead(ports, 'a;b\n1;2;3\n');
    await upload(ports, corrected, 'a;b\n1;2\n');
    await completeDataSource(ports, OWNER, corrected, {});
    await ingestSource(ports, { dataSourceId: corrected, read: 2 });
    expect(await getDataSource(ports, OWNER, corrected)).toMatchObject({ status: 'ready' });
  });

  it('reads one again that could not be read through no fault of its own', async () => {
    const ports = createMemoryPorts();
    const dataSourceId = await create(ports);
    await upload(ports, dataSourceId, 'a\n1\n');
    await completeDataSource(ports, OWNER, dataSourceId, {});
    const error = { Error: 'Sandbox.Timedout', Cause: '' };
    await ingestSource(ports, { dataSourceId, read: 1, error });
    expect(await getDataSource(ports, OWNER, dataSourceId)).toMatchObject({ status: 'invalid' });
    const again = await completeDataSource(ports, OWNER, dataSourceId, {});
    expect(again.status).toBe('ingesting');
    // A late word of the first reading is not of this one.
    await ingestSource(ports, { dataSourceId, read: 1, error });
    expect(await getDataSource(ports, OWNER, dataSourceId)).toMatchObject({ status: 'ingesting' });
  });

  it('can be repeated: an ingestion that was not started is started', async () => {
    let fails = true;
    const starts: string[] = [];
    const ports = createMemoryPorts({
      workflow: {
        start: async (_: string, executionName: string) => {
          if (fails) throw new Error('The workflow is not there.');
          starts.push(executionName);
        },
        stop: () => Promise.reject(new Error('Nobody stops it.')),
        limitMaps: async () => false,
        answerTask: async () => false,
      },
    });
    const dataSourceId = await create(ports, 'a.csv');
    await ports.objects.put(objectKeys.sourceUpload(dataSourceId), Buffer.from('a\n1\n'));
    await expect(completeDataSource(ports, OWNER, dataSourceId, {})).rejects.toThrow('not there');
    fails = false;
    for (let i = 0; i < 2; i++) {
      const view = await completeDataSource(ports, OWNER, dataSourceId, { delimiter: ';' });
      expect(view.status).toBe('ingesting');
    }
    expect(starts).toEqual([`${dataSourceId}-1`, `${dataSourceId}-1`]);
    const item = await ports.table.get(tableKeys.dataSource(dataSourceId));
    expect(DataSourceItemSchema.parse(item).reading).toEqual({ format: 'csv' });
  });

  it('can be repeated when the data source was read: nothing is started', async () => {
    const ports = createMemoryPorts();
    for (const [text, status] of [
      ['a\n1\n', 'ready'],
      ['a\n', 'invalid'],
    ] as const) {
      const dataSourceId = await createRead(ports, text);
      const before = ports.workflow.starts.length;
      const view = await completeDataSource(ports, OWNER, dataSourceId, {});
      expect([view.status, ports.workflow.starts.length]).toEqual([status, before]);
    }
  });

  it('by two at once begins one reading', async () => {
    const ports = createMemoryPorts();
    const dataSourceId = await create(ports);
    await upload(ports, dataSourceId, 'a\n1\n');
    const views = await Promise.all([
      completeDataSource(ports, OWNER, dataSourceId, { delimiter: ',' }),
      completeDataSource(ports, OWNER, dataSourceId, { delimiter: ';' }),
    ]);
    expect(views.map(({ status }) => status)).toEqual(['ingesting', 'ingesting']);
    expect(new Set(ports.workflow.starts.map(({ executionName }) => executionName)).size).toBe(1);
  });

  it('needs the upload, of a size that can be read', async () => {
    const ports = createMemoryPorts();
    const dataSourceId = await create(ports);
    const complete = () => completeDataSource(ports, OWNER, dataSourceId, {});
    await expect(complete()).rejects.toMatchObject({
      code: 'INVALID_STATE',
      message: `Nothing was uploaded for the data source ${dataSourceId}. PUT the file to its upload link first.`,
    });
    const objects = {
      ...createMemoryObjectStore(),
      head: async () => ({ bytes: MAX_SOURCE_BYTES + 1, etag: '"x"' }),
    };
    await expect(
      completeDataSource({ ...ports, objects }, OWNER, dataSourceId, {}),
    ).rejects.toMatchObject({
      code: 'PAYLOAD_TOO_LARGE',
      message: `The file has ${MAX_SOURCE_BYTES + 1} bytes; a data source may have ${MAX_SOURCE_BYTES}. Split it.`,
    });
    expect((await getDataSource(ports, OWNER, dataSourceId)).status).toBe('awaiting_upload');
    expect(ports.workflow.starts).toEqual([]);
  });

  it('refuses options that cannot be followed, each by its name', async () => {
    const ports = createMemoryPorts();
    const dataSourceId = await create(ports);
    await upload(ports, dataSourceId, 'a\n1\n');
    const pointersOf = (options: object) =>
      completeDataSource(ports, OWNER, dataSourceId, options).then(
        () => [],
        (error: { errors: { pointer: string }[] }) => error.errors.map(({ pointer }) => pointer),
      );
    expect(await pointersOf({ delimiter: '"' })).toEqual(['/delimiter']);
    expect(await pointersOf({ delimiter: '§', encoding: 'klingon' })).toEqual([
      '/delimiter',
      '/encoding',
    ]);
    expect(await pointersOf({ format: 'jsonl', delimiter: ',', headerRow: 2 })).toEqual([
      '/delimiter',
      '/headerRow',
    ]);
    expect((await getDataSource(ports, OWNER, dataSourceId)).status).toBe('awaiting_upload');
  });
});

describe('a data source of another owner', () => {
  it('is not found', async () => {
    const ports = createMemoryPorts();
    const id = await createRead(ports, 'a\n1\n');
    const notFound = { code: 'DATA_SOURCE_NOT_FOUND' };
    await expect(getDataSource(ports, 'other', id)).rejects.toMatchObject(notFound);
    await expect(completeDataSource(ports, 'other', id, {})).rejects.toMatchObject(notFound);
    await expect(previewRows(ports, 'other', id, { limit: 1 })).rejects.toMatchObject(notFound);
    await expect(requireReadyDataSource(ports, 'other', id)).rejects.toMatchObject(notFound);
    expect(await listDataSources(ports, 'other', { limit: 20 })).toEqual({
      data: [],
      nextCursor: null,
    });
  });
});

describe('listing data sources', () => {
  it('pages from the newest to the oldest', async () => {
    const ports = createMemoryPorts();
    const ids: string[] = [];
    for (let i = 0; i < 5; i++) {
      ids.unshift(await create(ports));
      ports.clock.advance(1);
    }
    const found: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await listDataSources(ports, OWNER, { limit: 2, cursor });
      found.push(...page.data.map(({ dataSourceId }) => dataSourceId));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(found).toEqual(ids);
  });
});

describe('a data source that was read', () => {
  it('shows its columns and rows', async () => {
    const ports = createMemoryPorts();
    const id = await createRead(ports, 'name,city\nAda,London\n\nBob,\n');
    const view = await getDataSource(ports, OWNER, id);
    expect(DataSourceViewSchema.parse(view)).toEqual({
      dataSourceId: id,
      name: 'People',
      fileName: 'people.csv',
      status: 'ready',
      columns: ['name', 'city'],
      rowCount: 3,
      found: { encoding: 'utf-8', delimiter: ',', quote: '"', headerRow: 1 },
      createdAt: '2026-01-01T00:00:00.000Z',
    });
    expect(await requireReadyDataSource(ports, OWNER, id)).toMatchObject({ rowCount: 3 });
    expect(await previewRows(ports, OWNER, id, { limit: 2 })).toEqual([
      { row: 1, values: { name: 'Ada', city: 'London' } },
      { row: 2, values: { name: null, city: null } },
    ]);
    expect(await previewRows(ports, OWNER, id, { limit: 100 })).toHaveLength(3);
  });

  it('shows the rows that are named, as many as are wanted', async () => {
    const ports = createMemoryPorts();
    const id = await createRead(
      ports,
      `n\n${Array.from({ length: 500 }, (_, i) => i + 1).join('\n')}`,
    );
    const numbers = async (rows: string, limit = 100) =>
      (await previewRows(ports, OWNER, id, { limit, rows })).map(({ row, values }) => {
        expect(values).toEqual({ n: String(row) });
        return row;
      });
    expect(await numbers('499,3,7-9')).toEqual([3, 7, 8, 9, 499]);
    expect(await numbers('200-500', 3)).toEqual([200, 201, 202]);
    await expect(numbers('7,501')).rejects.toMatchObject({
      code: 'VALIDATION_ERROR',
      message: expect.stringContaining('There is no row 501: there are 500 rows.') as string,
    });
    await expect(numbers('seven')).rejects.toMatchObject({ code: 'VALIDATION_ERROR' });
  });

  it('shows the problems of a file that cannot be used', async () => {
    const ports = createMemoryPorts();
    const id = await createRead(ports, `a,b\n${'1,2,3\n'.repeat(150)}`);
    const view = DataSourceViewSchema.parse(await getDataSource(ports, OWNER, id));
    expect(view).toMatchObject({ status: 'invalid', problemCount: 150 });
    expect(view.problems).toHaveLength(100);
    expect(view).not.toHaveProperty('columns');
    const refused = { code: 'DATA_INVALID' };
    await expect(requireReadyDataSource(ports, OWNER, id)).rejects.toMatchObject(refused);
    await expect(previewRows(ports, OWNER, id, { limit: 1 })).rejects.toMatchObject(refused);
  });

  it('cannot be used before', async () => {
    const ports = createMemoryPorts();
    const id = await create(ports);
    const refused = { code: 'INVALID_STATE' };
    await expect(requireReadyDataSource(ports, OWNER, id)).rejects.toMatchObject(refused);
    await upload(ports, id, 'a\n1\n');
    await completeDataSource(ports, OWNER, id, {});
    await expect(previewRows(ports, OWNER, id, { limit: 1 })).rejects.toMatchObject(refused);
  });

  it('shows fewer rows when they are large, but always one', async () => {
    const ports = createMemoryPorts();
    const large = 'x'.repeat(400_000);
    const id = await createRead(ports, `a\n${`${large}\n`.repeat(10)}`);
    expect(await previewRows(ports, OWNER, id, { limit: 100 })).toHaveLength(2);
    const huge = await createRead(ports, `a\n${'x'.repeat(3_000_000)}\ny\n`);
    expect(await previewRows(ports, OWNER, huge, { limit: 100 })).toHaveLength(1);
  });
});
