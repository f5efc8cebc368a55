/** Samples: which rows are chosen, what is told of them, and that their documents are those of the task. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newCreation } from '../../../shared/creation.ts';
import { objectKeys } from '../../../shared/keys.ts';
import {
  MAX_CHOSEN_ROWS,
  MAX_NAMED_ROWS,
  SAMPLES_RESERVE_MS,
  TRIAL_RESERVE_MS,
} from '../../../shared/limits.ts';
import type { Row } from '../../../shared/schemas/common.ts';
import { CreateSamplesSchema, type SamplesView } from '../../../shared/schemas/sampleApi.ts';
import { createSamples } from '../../../shared/trials/createSamples.ts';
import { getSamples } from '../../../shared/trials/readSamples.ts';
import { runTrial } from '../../../shared/trials/runTrial.ts';
import { readArchive } from '../../support/archives.ts';
import { createMemoryPorts, type MemoryPorts } from '../../support/memoryPorts.ts';
import { archiveBytes, givenTemplate, runTask, startedTask } from '../../support/runTask.ts';
import { OWNER } from '../../support/tasks.ts';

interface Body {
  readonly templates: readonly string[];
  readonly data: readonly Row[];
  readonly fileName?: string;
  readonly rows?: string;
  readonly options?: object;
}

async function begun({ templates, ...body }: Body, ports = createMemoryPorts()) {
  const templateIds: string[] = [];
  for (const text of templates) templateIds.push(await givenTemplate(ports, text));
  const asked = CreateSamplesSchema.parse({ templateIds, ...body });
  const { sampleId } = await createSamples(ports, OWNER, asked, newCreation('sample', ports));
  return { ports, sampleId, templateIds };
}

async function sampled(body: Body) {
  const given = await begun(body);
  const { ports, sampleId } = given;
  await runTrial(ports, { of: sampleId, reportOnly: false });
  const samples = await getSamples(ports, OWNER, sampleId);
  expect(samples).toMatchObject({ status: 'done', error: null });
  return { ...given, samples };
}

const why = ({ documents }: SamplesView, row: number): string[] =>
  documents.find((document) => document.row === row)?.why.split('; ') ?? [];
const rowsOf = ({ documents }: SamplesView) => documents.map(({ row }) => row);

const document = async (ports: MemoryPorts, sampleId: string, row: number, part = 0) =>
  Buffer.from(await ports.objects.read(objectKeys.sampleDocument(sampleId, row, part)));

describe('the rows that are chosen', () => {
  it('take every branch of the template, and say which', async () => {
    const data: Row[] = [
      { name: 'A', vip: 'yes', items: [{ x: 1 }] },
      { name: 'B', vip: 'yes', items: [{ x: 1 }] },
      { name: 'C', vip: '', items: [{ x: 1 }, { x: 2 }] },
      { name: 'D', vip: 'yes', items: [] },
      { name: 'E', vip: 'yes', items: [{ x: 1 }, { x: 2 }, { x: 3 }] },
    ];
    const { samples } = await sampled({
      templates: ['{name}{#vip}!{/vip}{^vip}?{/vip}{#items}{x}{/items}'],
      data,
    });
    expect(rowsOf(samples)).toEqual([1, 3, 4, 5]);
    expect(why(samples, 1)).toEqual(
      expect.arrayContaining([
        'the first row',
        'the condition {#vip} is met',
        'the condition {^vip} is not met',
        'the list {#items} has one entry',
      ]),
    );
    expect(why(samples, 3)).toEqual(
      expect.arrayContaining([
        'the condition {#vip} is not met',
        'the condition {^vip} is met',
        'the list {#items} has several entries',
      ]),
    );
    expect(why(samples, 4)).toContain('the list {#items} is empty');
    expect(why(samples, 5)).toContain('the most entries of {#items}');
    expect(samples).toMatchObject({ rows: 5, taken: 5, notShown: [] });
  });

  it('have what is empty, missing, longest, unreadable, and the strangest characters', async () => {
    const data: Row[] = [
      { a: 'plain', d: '2026-11-25' },
      { a: 'plain', d: '2026-11-25' },
      { a: '', d: '2026-11-25' },
      { d: '2026-11-25' },
      { a: 'the longest of all', d: '2026-11-25' },
      { a: 'plain', d: 'whenever' },
      { a: '中文', d: '2026-11-25' },
      { a: 'ok 🎉', d: '2026-11-25' },
      { a: 'שלום', d: '2026-11-25' },
      { a: 'x\u0323\u0302y', d: '2026-11-25' },
      { a: 'one\ntwo', d: '2026-11-25' },
      { a: 'a\u0001b', d: '2026-11-25' },
      { a: { b: 'c' }, d: '2026-11-25' },
    ];
    const { samples } = await sampled({ templates: ['{a} {d | date:"d MMMM yyyy"}'], data });
    const reasons: [number, string][] = [
      [3, '{a} is empty'],
      [4, '{a} has no value'],
      [5, 'the longest value of {a}'],
      [6, 'a value that {d | date:"d MMMM yyyy"} cannot read'],
      [7, 'other letters than Latin ones in {a}'],
      [8, 'an emoji in {a}'],
      [9, 'writing from right to left in {a}'],
      [10, 'combining marks in {a}'],
      [11, 'a line break in {a}'],
      [12, 'characters in {a} that no document can hold'],
      [13, 'a group of values in {a}, which cannot be printed'],
    ];
    for (const [row, reason] of reasons)
      expect([row, why(samples, row)]).toEqual([row, expect.arrayContaining([reason])]);
    const failed = samples.documents.filter(({ status }) => status === 'failed');
    expect(failed.map(({ row, url, failure }) => [row, url, failure?.code])).toEqual([
      [6, null, 'RENDER_FAILED'],
      [12, null, 'RENDER_FAILED'],
      [13, null, 'RENDER_FAILED'],
    ]);
    expect(rowsOf(samples)).not.toContain(2);
    for (const { a } of data) {
      if (typeof a === 'string' && a.length > 5)
        expect(JSON.stringify(samples.documents.map((d) => d.why))).not.toContain(a);
    }
  });

  it('tells of branches that no row takes', async () => {
    const { samples } = await sampled({ templates: ['{a}{#b}x{/b}'], data: [{ a: '1', b: '' }] });
    expect(samples.notShown).toEqual([{ what: 'the condition {#b} is met', because: 'noRow' }]);
  });

  it('names the template where there are several', async () => {
    const { samples } = await sampled({ templates: ['{a}', '{#a}x{/a}'], data: [{ a: '1' }] });
    expect(samples.documents.map(({ template }) => template)).toEqual(['letter', 'letter-2']);
    expect(why(samples, 1)).toContain('the condition {#a} is met (letter-2)');
  });

  it('are at most so many, branches before all else, and what is left out is told', async () => {
    const columns = Array.from({ length: 40 }, (_, i) => `c${i}`);
    const data = columns.map((own) =>
      Object.fromEntries(columns.map((c) => [c, c === own ? '' : 'x'])),
    );
    data.push({ ...data[0], flag: 'yes' });
    const template = `${columns.map((c) => `{${c}}`).join('')}{#flag}!{/flag}`;
    const { samples } = await sampled({ templates: [template], data });
    expect(samples.documents).toHaveLength(MAX_CHOSEN_ROWS);
    expect(rowsOf(samples)).toContain(41);
    expect(samples.notShown.length).toBeGreaterThan(0);
    expect(samples.notShown.every(({ because }) => because === 'limit')).toBe(true);
  });

  it('are those of the selection; named ones come beside them', async () => {
    const data: Row[] = [{ a: 'x' }, { a: '' }, { a: 'y' }, { a: 'z' }, {}];
    const { samples } = await sampled({
      templates: ['{a}'],
      data,
      rows: '1,4-5',
      options: { rows: '3-5', filter: 'a != "never"' },
    });
    expect(samples.documents.map(({ row, status }) => [row, status])).toEqual([
      [1, 'skipped'],
      [3, 'succeeded'],
      [4, 'succeeded'],
      [5, 'skipped'],
    ]);
    expect(why(samples, 4)[0]).toBe('you named it');
    expect(samples.taken).toBe(2);
  });

  it('are groups where rows are grouped', async () => {
    const data: Row[] = [
      { k: 'A', n: '1' },
      { k: 'B', n: '2' },
      { k: 'A', n: '3' },
    ];
    const { samples } = await sampled({
      templates: ['{k}{#rows}{n}{/rows}'],
      data,
      options: { groupBy: 'k' },
    });
    expect(rowsOf(samples)).toEqual([1, 2]);
    expect(why(samples, 1)).toContain('the list {#rows} has several entries');
    expect(why(samples, 2)).toContain('the list {#rows} has one entry');
  });

  it.each([
    ['9', 'There is no row 9'],
    ['1-99', 'There is no row 99'],
  ])('cannot be named %s', async (rows, detail) => {
    await expect(begun({ templates: ['{a}'], data: [{ a: '1' }], rows })).rejects.toMatchObject({
      code: 'VALIDATION_ERROR',
      errors: [{ pointer: '/rows', detail: expect.stringContaining(detail) as string }],
    });
  });

  it(`cannot be more than ${MAX_NAMED_ROWS} named ones`, async () => {
    const data = Array.from({ length: 40 }, () => ({ a: '1' }));
    await expect(begun({ templates: ['{a}'], data, rows: '1-21' })).rejects.toMatchObject({
      code: 'VALIDATION_ERROR',
    });
  });
});

describe('of any rows', () => {
  const row = fc.record(
    {
      name: fc.constantFrom('', 'Ada', 'a longer name', '日本', '🎉'),
      vip: fc.constantFrom('', 'yes', false, true),
      items: fc.array(fc.record({ x: fc.constantFrom('', '1', 'é') }), { maxLength: 3 }),
    },
    { requiredKeys: [] },
  );

  /** What the documents of a row show, told apart from the product's own reading. */
  const shows = ({ name, vip, items }: Row): string[] => {
    const list = Array.isArray(items) ? items.length : 0;
    return [
      vip === '' || vip === false || vip === undefined ? 'unmet' : 'met',
      list === 0 ? 'none' : list === 1 ? 'one' : 'many',
      name === undefined ? 'missing' : name === '' ? 'empty' : 'filled',
      ...(name === '日本' ? ['script'] : []),
      ...(name === '🎉' ? ['emoji'] : []),
    ];
  };

  it('shows everything that some row shows, and the same whenever it is asked', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 25 }), async (rows) => {
        const data: Row[] = rows;
        // A list of nothing is nothing.
        const isBlank = (each: Row) =>
          Object.values(each).every((value) =>
            /^(?:""|\[(?:\{"x":""\},?)*\])$/.test(JSON.stringify(value)),
          );
        const body = { templates: ['{name}{#vip}!{/vip}{#items}{x}{/items}'], data };
        const { samples } = await sampled(body);
        const chosen = new Set(rowsOf(samples).flatMap((n) => shows(data[n - 1] ?? {})));
        const some = new Set(data.filter((each) => !isBlank(each)).flatMap(shows));
        expect([...some].filter((each) => !chosen.has(each))).toEqual([]);
        expect(rowsOf(samples).length).toBeLessThanOrEqual(MAX_CHOSEN_ROWS);
        const { samples: again } = await sampled(body);
        const told = ({ documents, notShown, hash }: SamplesView) => ({
          why: documents.map((each) => [each.row, each.why]),
          notShown,
          hash,
        });
        expect(told(again)).toEqual(told(samples));
      }),
      { numRuns: 40 },
    );
  });
});

describe('their documents', () => {
  const body = {
    templates: [
      '{first name}{#vip} VIP{/vip} {born | date:"d MMMM yyyy"}',
      '{#items}{x}, {/items}{town}',
    ],
    data: Array.from({ length: 30 }, (_, i): Row => ({
      First_Name: i % 7 === 0 ? '' : `Person ${i}`,
      vip: i % 3 === 0,
      born: i === 20 ? 'someday' : '2026-11-25',
      items: Array.from({ length: i % 4 }, (_, x) => ({ x })),
      city: 'Bonn',
    })),
    fileName: 'docs/{template}-{first name}',
    options: { mapping: { town: 'city' }, emptyParagraphs: 'remove' },
  };

  it('are those that the task makes, to the byte and by their names, also in the ZIP', async () => {
    const { ports, sampleId, samples, templateIds } = await sampled(body);
    const { data, fileName, options } = body;
    const { taskId } = await startedTask(ports, {
      templateIds,
      data,
      fileName,
      options: options as never,
    });
    await runTask(ports, taskId);
    const made = await readArchive(await archiveBytes(ports, taskId));
    const zip = await readArchive(await ports.objects.read(objectKeys.samplesArchive(sampleId)));
    const succeeded = samples.documents.filter(({ status }) => status === 'succeeded');
    expect(succeeded.length).toBeGreaterThan(6);
    expect(made.map(({ name }) => name)).toEqual(
      expect.arrayContaining(succeeded.map(({ name }) => name)),
    );
    for (const { row, template, name } of succeeded) {
      const own = made.find((entry) => entry.name === name);
      const part = template === 'letter' ? 0 : 1;
      expect([name, (await document(ports, sampleId, row, part)).equals(own!.bytes)]).toEqual([
        name,
        true,
      ]);
      expect(zip.find((entry) => entry.name === name)?.bytes.equals(own!.bytes)).toBe(true);
    }
    const failed = samples.documents.filter(({ status }) => status === 'failed');
    expect(failed.map(({ row, template, failure }) => [row, template, failure?.column])).toEqual([
      [21, 'letter', 'born'],
    ]);
  });

  it('are the same when they are made again', async () => {
    const { ports, sampleId } = await begun(body);
    const before = structuredClone(await ports.table.get({ pk: `TRIAL#${sampleId}`, sk: 'META' }));
    await runTrial(ports, { of: sampleId, reportOnly: false });
    const zip = Buffer.from(await ports.objects.read(objectKeys.samplesArchive(sampleId)));
    await ports.table.put({ pk: `TRIAL#${sampleId}`, sk: 'META' }, before!);
    await runTrial(ports, { of: sampleId, reportOnly: false });
    const again = Buffer.from(await ports.objects.read(objectKeys.samplesArchive(sampleId)));
    expect(again.equals(zip)).toBe(true);
  });

  it('have no ZIP where none was made', async () => {
    const { samples } = await sampled({
      templates: ['{a}'],
      data: [{ b: '1' }],
      options: { missingValue: 'error' },
    });
    expect(samples.zipUrl).toBeNull();
    expect(samples.documents).toMatchObject([
      { status: 'failed', failure: { code: 'MISSING_VALUE' } },
    ]);
  });

  it('are listed as not made when there was no time', async () => {
    const { ports, sampleId } = await begun({ templates: ['{a}'], data: [{ a: '1' }] });
    await runTrial(
      ports,
      { of: sampleId, reportOnly: false },
      { remainingMs: () => SAMPLES_RESERVE_MS },
    );
    const samples = await getSamples(ports, OWNER, sampleId);
    expect(samples.documents).toMatchObject([
      { row: 1, status: 'failed', failure: { code: 'TIMEOUT' } },
    ]);
  });

  it('are of the rows that could be read in time', async () => {
    const data = Array.from({ length: 20_000 }, (_, i) => ({ a: `${i}`, filler: 'x'.repeat(50) }));
    const { ports, sampleId } = await begun({ templates: ['{a}'], data });
    await runTrial(
      ports,
      { of: sampleId, reportOnly: false },
      { remainingMs: () => TRIAL_RESERVE_MS - 1 },
    );
    const samples = await getSamples(ports, OWNER, sampleId);
    expect(samples.status).toBe('done');
    expect(samples.rows).toBeLessThan(20_000);
    expect(samples.taken).toBe(samples.rows);
  });
});

describe('samples that cannot be made', () => {
  it('say so when a template is gone', async () => {
    const { ports, sampleId } = await begun({ templates: ['{a} gone'], data: [{ a: '1' }] });
    await ports.objects.delete(objectKeys.inlineRows(sampleId));
    await runTrial(ports, { of: sampleId, reportOnly: false });
    expect(await getSamples(ports, OWNER, sampleId)).toMatchObject({
      status: 'failed',
      error: { code: 'INVALID_STATE' },
      documents: [],
      hash: null,
    });
  });

  it('say so when the function failed for good', async () => {
    const { ports, sampleId } = await begun({ templates: ['{a}'], data: [{ a: '1' }] });
    await runTrial(ports, {
      of: sampleId,
      reportOnly: false,
      error: { Error: 'Lambda.Unknown', Cause: '' },
    });
    expect(await getSamples(ports, OWNER, sampleId)).toMatchObject({
      status: 'failed',
      error: { code: 'INTERNAL' },
    });
  });

  it('are not there for others', async () => {
    const { ports, sampleId } = await begun({ templates: ['{a}'], data: [{ a: '1' }] });
    await expect(getSamples(ports, 'owner-b', sampleId)).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });
});
