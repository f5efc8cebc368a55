import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { completeDataSource, createDataSource } from '../../../shared/dataSources/dataSources.ts';
import { ingestSource } from '../../../shared/dataSources/ingestSource.ts';
import { newCreation } from '../../../shared/creation.ts';
import { objectKeys, tableKeys } from '../../../shared/keys.ts';
import { MAX_COLUMNS } from '../../../shared/limits.ts';
import { METRICS } from '../../../shared/names.ts';
import type { Ports } from '../../../shared/ports.ts';
import type { ReadingOptions } from '../../../shared/schemas/common.ts';
import { DataSourceItemSchema } from '../../../shared/schemas/items.ts';
import { createMemoryObjectStore } from '../../support/memoryObjectStore.ts';
import { createMemoryPorts } from '../../support/memoryPorts.ts';
import { craftRows, craftWorkbook } from '../../support/workbooks.ts';

/** A data source that is to be read. */
async function createIngesting(
  ports: Ports,
  file: string | Uint8Array,
  { fileName = 'people.csv', options = {} }: { fileName?: string; options?: ReadingOptions } = {},
) {
  const creation = newCreation('dataSource', ports);
  const body = { name: 'People', fileName };
  const { dataSourceId } = await createDataSource(ports, 'owner', body, creation);
  await ports.objects.put(objectKeys.sourceUpload(dataSourceId), Buffer.from(file));
  await completeDataSource(ports, 'owner', dataSourceId, options);
  return dataSourceId;
}

const itemOf = async (ports: Pick<Ports, 'table'>, dataSourceId: string) =>
  DataSourceItemSchema.parse(await ports.table.get(tableKeys.dataSource(dataSourceId)));

describe('ingesting a data source', () => {
  it.each([
    ['people.csv', 'name;city\nAda;London\n', { delimiter: ';' }],
    ['people.json', '[{"name":"Ada","city":"London"}]', {}],
    ['people.jsonl', '{"name":"Ada","city":"London"}', {}],
    ['people.csv', '{"name":"Ada","city":"London"}', { format: 'jsonl' }],
    ['people.csv.gz', gzipSync('name;city\nAda;London\n'), { delimiter: ';' }],
    ['people.json.GZ', gzipSync('[{"name":"Ada","city":"London"}]'), {}],
    ['people.jsonl.gz', gzipSync('{"name":"Ada","city":"London"}'), {}],
    [
      'people.csv',
      Buffer.from('x\nname,city\nAda,London', 'utf16le'),
      { encoding: 'utf-16le', headerRow: 2 },
    ],
  ] as const)('records what %s holds', async (fileName, file, options) => {
    const ports = createMemoryPorts();
    const dataSourceId = await createIngesting(ports, file, { fileName, options });
    await ingestSource(ports, { dataSourceId, read: 1 });
    const line = '{"name":"Ada","city":"London"}\n';
    expect(await itemOf(ports, dataSourceId)).toMatchObject({
      status: 'ready',
      columns: ['name', 'city'],
      rowCount: 1,
      bytes: line.length,
    });
    expect(
      Buffer.from(await ports.objects.read(objectKeys.sourceRows(dataSourceId))).toString(),
    ).toBe(line);
    expect(ports.metrics.counts).toEqual({ [METRICS.rowsIngested]: 1 });
  });

  it('records what is wrong, and publishes no rows', async () => {
    const ports = createMemoryPorts();
    const dataSourceId = await createIngesting(ports, 'name,city\nsecret,secret,secret\n');
    await ingestSource(ports, { dataSourceId, read: 1 });
    expect(await itemOf(ports, dataSourceId)).toMatchObject({
      status: 'invalid',
      problems: [{ line: 2, row: 1 }],
      problemCount: 1,
    });
    expect(ports.objects.keys()).toEqual([objectKeys.sourceUpload(dataSourceId)]);
    expect(JSON.stringify([ports.log.entries, ports.table.items()])).not.toContain('secret');
  });

  it('stays within the size of an item with the most columns and problems', async () => {
    const ports = createMemoryPorts();
    const names = Array.from({ length: MAX_COLUMNS }, (_, i) => `column ${i}`.padEnd(15, '-'));
    const ready = await createIngesting(
      ports,
      `${names.join(',')}\n${','.repeat(MAX_COLUMNS - 1)}\n`,
    );
    await ingestSource(ports, { dataSourceId: ready, read: 1 });
    expect(await itemOf(ports, ready)).toMatchObject({ status: 'ready', rowCount: 1 });

    const doubled = Array.from({ length: 250 }, () => '名'.repeat(333)).join(',');
    const invalid = await createIngesting(ports, `${doubled}\n1\n`);
    await ingestSource(ports, { dataSourceId: invalid, read: 1 });
    expect(await itemOf(ports, invalid)).toMatchObject({ status: 'invalid', problemCount: 249 });
  });

  it('records how a workbook was read, and its sheets also when none of them could be', async () => {
    const ports = createMemoryPorts();
    const file = craftWorkbook({
      sheets: [
        { name: 'Notes', state: 'hidden', data: craftRows([['secret']]) },
        {
          name: 'People',
          data: craftRows([
            ['name', 'age'],
            ['Ada', 36],
          ]),
        },
      ],
    });
    const sheets = [{ name: 'Notes', hidden: true }, { name: 'People' }];
    const fileName = 'people.xlsx';
    const read = async (options: ReadingOptions) => {
      const dataSourceId = await createIngesting(ports, file, { fileName, options });
      await ingestSource(ports, { dataSourceId, read: 1 });
      // Repeating it changes nothing.
      await ingestSource(ports, { dataSourceId, read: 1 });
      return { dataSourceId, item: await itemOf(ports, dataSourceId) };
    };
    const { dataSourceId, item } = await read({});
    expect(item).toMatchObject({
      status: 'ready',
      columns: ['name', 'age'],
      rowCount: 1,
      found: { sheet: 'People', headerRow: 1 },
      sheets,
    });
    expect(
      Buffer.from(await ports.objects.read(objectKeys.sourceRows(dataSourceId))).toString(),
    ).toBe('{"name":"Ada","age":"36"}\t{"age":36}\n');
    expect((await read({ sheet: 'Nobody' })).item).toMatchObject({
      status: 'invalid',
      problems: [{ code: 'SHEET_MISSING' }],
      sheets,
    });
    expect((await read({ sheet: 1 })).item).toMatchObject({ status: 'invalid', sheets });
    expect(JSON.stringify([ports.log.entries, ports.table.items()])).not.toContain('secret');
  });

  it('can be repeated, before and after its end', async () => {
    let failures = 2;
    const ports = createMemoryPorts({
      objects: createMemoryObjectStore({
        before: (call, key) => {
          if (call === 'put' && key.endsWith('rows.idx') && failures-- > 0)
            throw new Error('Slow down.');
        },
      }),
    });
    const dataSourceId = await createIngesting(ports, 'a\n1\n2\n');
    const run = { dataSourceId, read: 1 };
    await expect(ingestSource(ports, run)).rejects.toThrow('Slow down.');
    expect((await itemOf(ports, dataSourceId)).status).toBe('ingesting');
    await expect(ingestSource(ports, run)).rejects.toThrow('Slow down.');
    await Promise.all([ingestSource(ports, run), ingestSource(ports, run)]);
    const ready = await itemOf(ports, dataSourceId);
    expect(ready).toMatchObject({ status: 'ready', rowCount: 2 });
    expect(ports.metrics.counts).toEqual({ [METRICS.rowsIngested]: 2 });

    const puts = ports.objects.calls.put;
    await ingestSource(ports, run);
    await ingestSource(ports, { ...run, error: { Error: 'States.Timeout', Cause: '' } });
    expect([await itemOf(ports, dataSourceId), ports.objects.calls.put]).toEqual([ready, puts]);
  });

  it('does not mix uploads: only the one that was completed is read', async () => {
    const ports = createMemoryPorts();
    const dataSourceId = await createIngesting(ports, 'a\n1\n');
    await ports.objects.put(objectKeys.sourceUpload(dataSourceId), Buffer.from('a\n1\n2\n'));
    await ingestSource(ports, { dataSourceId, read: 1 });
    expect(await itemOf(ports, dataSourceId)).toMatchObject({
      status: 'invalid',
      problems: [
        {
          detail:
            'The file was uploaded anew after its data source was completed. Complete the data source again.',
        },
      ],
    });
  });

  it('that failed for good is recorded in plain words', async () => {
    const ports = createMemoryPorts();
    const dataSourceId = await createIngesting(ports, 'a\n1\n');
    const error = { Error: 'Runtime.OutOfMemory', Cause: 'secret' };
    await ingestSource(ports, { dataSourceId, read: 1, error });
    expect(await itemOf(ports, dataSourceId)).toMatchObject({
      status: 'invalid',
      problems: [
        {
          detail:
            'The file could not be read because something went wrong on our side. Complete the data source again.',
        },
      ],
      problemCount: 1,
    });
    const entries = JSON.stringify(ports.log.entries);
    expect(entries).toContain('Runtime.OutOfMemory');
    expect(entries).not.toContain('secret');
  });

  it('leaves alone what is not there or not to be read', async () => {
    const ports = createMemoryPorts();
    const creation = newCreation('dataSource', ports);
    const body = { name: 'A', fileName: 'a.csv' };
    const { dataSourceId } = await createDataSource(ports, 'owner', body, creation);
    await ingestSource(ports, { dataSourceId, read: 1 });
    expect((await itemOf(ports, dataSourceId)).status).toBe('awaiting_upload');
    await ingestSource(ports, { dataSourceId: 'ds_01AAAAAAAAAAAAAAAAAAAAAAAA', read: 1 });
    expect(ports.table.items().filter(({ sk }) => sk === 'META')).toHaveLength(1);
  });
});
