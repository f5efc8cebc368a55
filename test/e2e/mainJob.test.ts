/** The main job, as a client does it, from an upload to documents that another program reads. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import mammoth from 'mammoth';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { followTask } from '../../client/followTask.ts';
import type { Progress } from '../../shared/schemas/stream.ts';
import type { FailureView } from '../../shared/schemas/taskApi.ts';
import { readZip } from '../support/readZip.ts';
import { craftRows, craftWorkbook } from '../support/workbooks.ts';
import { api, client, docx } from './api.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sheaf-e2e-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Downloads the archive through its presigned link and reads it with an independent reader. */
async function archiveOf(taskId: string) {
  const link = await client().downloadArchive({ taskId });
  const response = await fetch(link.url);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-disposition')).toContain('attachment');
  const bytes = Buffer.from(await response.arrayBuffer());
  expect(bytes.length).toBe(link.bytes);
  const path = join(folder, `${taskId}.zip`);
  await writeFile(path, bytes);
  return { bytes, entries: await readZip(path) };
}

const textOf = async (document: Buffer | undefined) =>
  (await mammoth.extractRawText({ buffer: document ?? Buffer.alloc(0) })).value;

const LETTER = docx('Dear {name},', 'your town is {address.city}.', '{#vip}Thank you!{/vip}');

describe('the main job', () => {
  it.each([
    ['people.csv.gz', 'name,address.city,vip\nAda,London,\nZoë,Zürich,yes\n'],
    [
      'people.jsonl.gz',
      '{"name":"Ada","address":{"city":"London"}}\n{"name":"Zoë","address":{"city":"Zürich"},"vip":1}\n',
    ],
  ])('takes a compressed table, %s', async (fileName, text) => {
    const { templateId } = await client().uploadTemplate('letter.docx', LETTER);
    const source = await client().uploadDataSource(fileName, new Uint8Array(gzipSync(text)));
    expect(source).toMatchObject({ status: 'ready', rowCount: 2 });
    const { dataSourceId } = source;
    const { taskId } = await client().createTask({
      body: { templateIds: [templateId], dataSourceId, autoStart: true },
    });
    const final = await followTask(client(), taskId, undefined, { progress: () => undefined });
    expect(final).toMatchObject({ status: 'completed', succeeded: 2, failed: 0 });
    const { entries } = await archiveOf(taskId);
    expect(await textOf(entries.get('letter-2.docx'))).toContain('your town is Zürich.');
  });

  it('takes an Excel workbook, as it is shown', async () => {
    const { templateId } = await client().uploadTemplate(
      'letter.docx',
      docx('Dear {name},', 'No. {id}, {share} on {day}.', '{#member}Thank you!{/member}'),
    );
    const workbook = craftWorkbook({
      sheets: [
        { name: 'Notes', data: craftRows([['not this']]), state: 'hidden' },
        { name: 'Leute', data: craftRows([['x'], ['wrong sheet']]) },
        {
          name: 'People',
          data: craftRows([
            ['List of people'],
            [],
            ['id', 'name', 'share', 'day', 'member'],
            [
              { value: 123, style: 1 },
              'Zoë',
              { value: 0.125, style: 2 },
              { value: 46351, style: 3 },
              true,
            ],
            [
              { value: 7, style: 1 },
              '张伟',
              { value: 1, style: 2 },
              { value: 46352, style: 3 },
              false,
            ],
          ]),
        },
      ],
      formats: ['00000', '0.0%', 'yyyy"年"m"月"d"日"'],
    });
    const source = await client().uploadDataSource('people.xlsx', new Uint8Array(workbook), {
      reading: { sheet: 'people' },
    });
    expect(source).toMatchObject({
      status: 'ready',
      rowCount: 2,
      columns: ['id', 'name', 'share', 'day', 'member'],
      found: { sheet: 'People', headerRow: 3 },
      sheets: [{ name: 'Notes', hidden: true }, { name: 'Leute' }, { name: 'People' }],
    });
    const { dataSourceId } = source;
    const { data: preview } = await client().previewRows({ dataSourceId });
    expect(preview[0]).toEqual({
      row: 1,
      values: { id: '00123', name: 'Zoë', share: '12.5%', day: '2026年11月25日', member: true },
      typed: { id: 123, share: 0.125, day: '2026-11-25' },
    });
    const { taskId } = await client().createTask({
      body: { templateIds: [templateId], dataSourceId, autoStart: true },
    });
    const final = await followTask(client(), taskId, undefined, { progress: () => undefined });
    expect(final).toMatchObject({ status: 'completed', succeeded: 2, failed: 0 });
    const { entries } = await archiveOf(taskId);
    expect(await textOf(entries.get('letter-1.docx'))).toContain(
      'No. 00123, 12.5% on 2026年11月25日.',
    );
    expect(await textOf(entries.get('letter-1.docx'))).toContain('Thank you!');
    expect(await textOf(entries.get('letter-2.docx'))).not.toContain('Thank you!');
  });

  it('makes every document of a CSV file, with progress, and hands over one ZIP', async () => {
    const template = await client().uploadTemplate('letter.docx', LETTER);
    expect(template).toMatchObject({ status: 'ready' });
    expect(template.tags?.map((tag) => tag.name)).toEqual(['name', 'address.city', 'vip']);

    const people = ['name,address.city,vip'];
    for (let i = 1; i <= 120; i++) people.push(`"Zoë & 张伟 <${i}>",Zürich,${i % 2 ? 'yes' : ''}`);
    const source = await client().uploadDataSource(
      'people.csv',
      new TextEncoder().encode(people.join('\r\n')),
    );
    expect(source).toMatchObject({
      status: 'ready',
      rowCount: 120,
      columns: ['name', 'address.city', 'vip'],
    });

    const task = await client().createTask({
      body: {
        templateIds: [template.templateId],
        dataSourceId: source.dataSourceId,
        fileName: '{row} {name}',
        metadata: { order: '17' },
      },
    });
    expect(task).toMatchObject({
      status: 'pending',
      totalDocuments: 120,
      metadata: { order: '17' },
    });

    const early = await api('downloadArchive', { params: { taskId: task.taskId } });
    expect(early).toMatchObject({ status: 409, body: { code: 'INVALID_STATE' } });

    await client().startTask({ taskId: task.taskId });
    const seen: Progress[] = [];
    const final = await followTask(client(), task.taskId, task.websocketUrl, {
      progress: (progress) => void seen.push(progress),
    });
    expect(final).toMatchObject({ status: 'completed', progress: 100, succeeded: 120, failed: 0 });
    expect(seen.length).toBeGreaterThan(1);
    for (const [i, progress] of seen.entries()) {
      expect(progress.current).toBeGreaterThanOrEqual(seen[i - 1]?.current ?? 0);
      expect(progress.current).toBeLessThanOrEqual(progress.total);
    }

    const { entries } = await archiveOf(task.taskId);
    const names = [...entries.keys()];
    expect(names).toHaveLength(121);
    expect(names.at(-1)).toBe('_manifest.csv');
    expect(await textOf(entries.get(names[0] ?? ''))).toBe(
      'Dear Zoë & 张伟 <1>,\n\nyour town is Zürich.\n\nThank you!\n\n',
    );
    expect(await textOf(entries.get(names[1] ?? ''))).not.toContain('Thank you!');
    const manifest = parse<unknown>(entries.get('_manifest.csv') ?? '', {
      columns: true,
      bom: true,
    });
    expect(manifest).toHaveLength(120);
    expect(manifest[0]).toMatchObject({ row: '1', status: 'succeeded', document: names[0] });
  });

  it('keeps bad rows apart, skips blank ones, and adds up', async () => {
    const template = await client().uploadTemplate('letter.docx', LETTER);
    const task = await client().createTask({
      body: {
        templateIds: [template.templateId],
        data: [
          { name: 'Ada', address: { city: 'London' } },
          { name: 'No town' },
          { name: '', address: null },
          { name: 'Bad \u0001 character', address: { city: 'X' } },
          { name: 'Grace', address: { city: 'New York' }, vip: true },
        ],
        options: { missingValue: 'error' },
        autoStart: true,
      },
    });
    const final = await followTask(client(), task.taskId, task.websocketUrl, {
      progress: () => undefined,
    });
    expect(final).toMatchObject({
      status: 'partially_completed',
      total: 5,
      succeeded: 2,
      failed: 2,
      skipped: 1,
    });

    const failures: FailureView[] = [];
    for await (const failure of client().each('listFailures', { taskId: task.taskId }))
      failures.push(failure);
    expect(failures).toMatchObject([
      { row: 2, code: 'MISSING_VALUE', tag: 'address.city' },
      { row: 4, code: 'RENDER_FAILED' },
    ]);
    expect(JSON.stringify(failures)).not.toContain('No town');

    const { entries } = await archiveOf(task.taskId);
    expect([...entries.keys()]).toEqual([
      'letter-1.docx',
      'letter-5.docx',
      '_manifest.csv',
      '_failures.csv',
    ]);
    const report = parse<{ row: string }>(entries.get('_failures.csv') ?? '', {
      columns: true,
      bom: true,
    });
    expect(report.map((line) => line.row)).toEqual(['2', '4']);

    const { taskId } = task;
    const documents = await client().listDocuments({ taskId, limit: 3 });
    expect(documents.data).toMatchObject([
      { row: 1, status: 'succeeded', name: 'letter-1.docx' },
      { row: 2, status: 'failed', name: null },
      { row: 3, status: 'skipped', name: null },
    ]);
    const cursor = documents.nextCursor ?? '';
    const rest = await client().listDocuments({ taskId, limit: 3, cursor });
    expect(rest).toMatchObject({ data: [{ row: 4 }, { row: 5 }], nextCursor: null });

    const single = await api('downloadDocument', { params: { taskId, row: 5 } });
    expect(single.status).toBe(302);
    const document = await fetch(single.headers.get('location') ?? '');
    expect(await textOf(Buffer.from(await document.arrayBuffer()))).toContain('New York');
    expect((await api('downloadDocument', { params: { taskId, row: 2 } })).status).toBe(404);

    const csv = await api('listFailures', { params: { taskId }, query: 'format=csv' });
    expect(csv.status).toBe(302);
    // As bytes: text() would drop the byte-order mark.
    const reported = await (await fetch(csv.headers.get('location') ?? '')).arrayBuffer();
    expect(Buffer.from(reported)).toEqual(entries.get('_failures.csv'));

    const unknown = await api('retryTask', {
      params: { taskId },
      body: { corrections: [{ row: 2, values: { 'adress.city': 'Paris' } }] },
    });
    expect(unknown).toMatchObject({ status: 400, body: { code: 'VALIDATION_ERROR' } });
    expect(JSON.stringify(unknown.body)).toContain('address.city');
    expect(JSON.stringify(unknown.body)).not.toContain('Paris');
    const retried = await client().retryTask({
      taskId,
      body: {
        corrections: [
          { row: 2, values: { 'address.city': 'Paris' } },
          { row: 4, values: { name: 'Good' } },
        ],
      },
    });
    expect(retried).toMatchObject({ status: 'running', run: 2 });
    const again = await followTask(client(), taskId, undefined, { progress: () => undefined });
    expect(again).toMatchObject({ status: 'completed', succeeded: 4, failed: 0, skipped: 1 });
    const after = await archiveOf(taskId);
    expect([...after.entries.keys()]).toEqual([
      'letter-1.docx',
      'letter-2.docx',
      'letter-4.docx',
      'letter-5.docx',
      '_manifest.csv',
    ]);
    expect(await textOf(after.entries.get('letter-2.docx'))).toContain('Dear No town');
    expect(after.entries.get('letter-1.docx')).toEqual(entries.get('letter-1.docx'));
    expect(await client().getRow({ taskId, row: 2 })).toMatchObject({
      values: { name: 'No town', address: { city: 'Paris' } },
      isCorrected: true,
      documents: [{ status: 'succeeded', name: 'letter-2.docx' }],
    });
    expect(await client().listFailures({ taskId })).toMatchObject({ data: [] });
  });

  it('gives the same bytes for the same input', async () => {
    const template = await client().uploadTemplate('letter.docx', LETTER);
    const data = Array.from({ length: 60 }, (_, i) => ({ name: `N${i}`, address: { city: 'C' } }));
    const run = async () => {
      const task = await client().createTask({
        body: {
          templateIds: [template.templateId],
          data,
          autoStart: true,
        },
      });
      await followTask(client(), task.taskId, task.websocketUrl, { progress: () => undefined });
      return (await archiveOf(task.taskId)).bytes;
    };
    expect((await run()).equals(await run())).toBe(true);
  });

  it('makes a document of every template for every row', async () => {
    const letter = await client().uploadTemplate('a.docx', docx('A {n}'), 'same');
    const notice = await client().uploadTemplate('b.docx', docx('B {n}'), 'same');
    const task = await client().createTask({
      body: {
        templateIds: [letter.templateId, notice.templateId],
        data: [{ n: 1 }, { n: 2 }],
        mode: 'sequential',
        autoStart: true,
      },
    });
    expect(task.totalDocuments).toBe(4);
    await followTask(client(), task.taskId, task.websocketUrl, { progress: () => undefined });
    const { entries } = await archiveOf(task.taskId);
    expect([...entries.keys()].slice(0, 4)).toEqual([
      'same-1.docx',
      'same-2-1.docx',
      'same-2.docx',
      'same-2-2.docx',
    ]);
    expect(await textOf(entries.get('same-2-2.docx'))).toBe('B 2\n\n');
  });
});
