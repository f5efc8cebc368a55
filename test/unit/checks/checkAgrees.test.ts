/** What a check calls an error is what fails, and nothing else fails: random templates and rows. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newCreation } from '../../../shared/creation.ts';
import type { Row } from '../../../shared/schemas/common.ts';
import { OrderBodySchema } from '../../../shared/schemas/taskApi.ts';
import { listFailures } from '../../../shared/tasks/readReports.ts';
import { createCheck } from '../../../shared/trials/createCheck.ts';
import { getCheck } from '../../../shared/trials/readCheck.ts';
import { runTrial } from '../../../shared/trials/runTrial.ts';
import { writeFaultyRows, type FaultyCell } from '../../support/checkedOrders.ts';
import { createMemoryPorts } from '../../support/memoryPorts.ts';
import { field, richWordFile } from '../../support/richWordFile.ts';
import { givenWordFile, runTask, startedTask } from '../../support/runTask.ts';
import { OWNER } from '../../support/tasks.ts';

const RUNS = Number(process.env.SHEAF_CHECK_RUNS ?? 60);
const SEED = process.env.SHEAF_CHECK_SEED;

const escaped = (text: string) => text.replaceAll('"', '&quot;');
const text = (value: string) => `<w:r><w:t xml:space="preserve">${escaped(value)}</w:t></w:r>`;
const paragraph = (content: string) => `<w:p>${content}</w:p>`;
const mergeField = (column: string) => field(` MERGEFIELD ${column} `);
/** A field of Word that shows one thing or another, as it is stored: with fields in its code. */
const ifField = (column: string, yes: string) =>
  field([' IF ']).replace(
    '<w:r><w:fldChar w:fldCharType="separate"/>',
    [
      mergeField(column),
      '<w:r><w:instrText xml:space="preserve"> = &quot;5&quot; &quot;</w:instrText></w:r>',
      yes,
      '<w:r><w:instrText xml:space="preserve">&quot; &quot;else&quot; </w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/>',
    ].join(''),
  );

/** No row has `nick` or `flag` as its own, and some tags read what only entries of lists have. */
const TEXTS = [
  '{a}',
  '{b}',
  '{c | upper}',
  '{a | number:"0.00"}',
  '{b | date:"d.M.yyyy"}',
  '{c | percent}',
  '{b | default:"–"}',
  '{c | number:"0" | default:"x"}',
  '{#a}{b | number:"0"}{/a}',
  '{^b}{c}{/b}',
  '{#c}yes{/c}',
  '{#items}{p | number:"0.0"}{q}{/items}',
  '{items | count}',
  '{#vip}{town}{/vip}',
  '{town | default:"x"}',
  '{town}',
  '{items | sum:"p"}',
  '{a.n}',
  '{#a}{n}{/a}',
  // A name that is filled in one place and in another not.
  '{p | number:"0.00"}',
  '{p}',
  '{#items}{p}{/items}',
  '{#items}{nick}{/items}',
  // No column, and all the same a value, or none that is reached.
  '{nick}',
  '{#items}{nick | default:"–" | date:"d.M.yyyy"}{/items}',
  '{#nick}{b}{/nick}',
  '{#flag | upper}{nick}{/flag}',
  '{#a | upper}{nick}{/a}',
  // Conditions that formats make, and their opposites.
  '{#a | upper}{c | number:"0"}{/a}',
  '{#b | number:"0"}{c}{/b}',
  '{^a | upper}{b | number:"0"}{/a}',
  '{#items | count}{c | number:"0"}{p}{/items}',
  '{#items | default:"x"}{p}{/items}',
  '{#a}{b | number:"0"}{/a}{^a}{c | number:"0"}{/a}',
  // What formats read of lists.
  '{items | sum:"r"}',
  '{items | join:", ":"q"}',
  '{a | sum}',
  '{items[1].p | number:"0"}',
  '{items[2].q}',
  // Lists in lists, and their entries themselves.
  '{#items}{#items}{p | number:"0"}{/items}{/items}',
  '{#items}{.}{/items}',
  '{#a}{.}{/a}',
  '{#items}{#q}{a | number:"0"}{/q}{^q}{b}{/q}{/items}',
  // Of groups.
  '{#rows}{a | number:"0"}{/rows}',
  '{#rows}{b}{/rows}',
  '{rows | sum:"c"}',
  '{rows[1].b}',
  '{rows[2].c}',
] as const;
const PIECES = [
  ...TEXTS.map((each) => text(each)),
  mergeField('a'),
  mergeField('nick'),
  field(' MERGEFIELD b \\# &quot;0.00&quot; '),
  ifField('a', mergeField('nick')),
  ifField('b', mergeField('c')),
  ifField('flag', mergeField('a')),
];

const scalar = fc.constantFrom<Row[string]>(
  '',
  'x',
  '5',
  '1.5',
  '2026-01-02',
  '3/4/2026',
  'a\u0001b',
  'x\fy',
  '\f',
  ' ',
  '0',
  true,
  false,
  7,
  null,
);
const value = fc.oneof(
  { weight: 6, arbitrary: scalar },
  { weight: 1, arbitrary: fc.record({ n: scalar }) },
  { weight: 1, arbitrary: fc.array(scalar, { maxLength: 2 }) },
);
const item = fc.record({ p: scalar, q: scalar, r: scalar }, { requiredKeys: [] });
const row = fc.record(
  {
    a: value,
    b: value,
    c: value,
    g: fc.constantFrom('x', 'y', ' x', ''),
    items: fc.array(item, { maxLength: 3 }),
  },
  { requiredKeys: [] },
) as fc.Arbitrary<Row>;

const FAULTY = ['a', 'b', 'c', 'items[1].p', 'items[2].q'] as const;
const fault = fc.record({
  row: fc.integer({ min: 1, max: 6 }),
  column: fc.constantFrom(...FAULTY),
});

const order = fc.record({
  template: fc
    .array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 5 })
    .chain((pieces) =>
      fc.boolean().map((apart) => (apart ? pieces.map(paragraph) : [paragraph(pieces.join(''))])),
    ),
  data: fc.array(row, { minLength: 1, maxLength: 6 }),
  faults: fc.oneof(
    { weight: 2, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.array(fault, { maxLength: 2 }) },
  ) as fc.Arbitrary<{ row: number; column: string }[]>,
  fileName: fc.constantFrom('{row}', '{a}-{row}', '{b}', '{c | number:"0"}-{a}'),
  options: fc.record(
    {
      missingValue: fc.constantFrom('empty' as const, 'error' as const),
      groupBy: fc.constant('g'),
      filter: fc.constantFrom('a != "x"', 'number(b) > 1.0'),
    },
    { requiredKeys: ['missingValue'] },
  ),
});

/** The row whose document a row is part of. */
function firstOfGroup(data: readonly Row[], number: number): number {
  const keyOf = (values: Row | undefined) => (typeof values?.g === 'string' ? values.g.trim() : '');
  const key = keyOf(data[number - 1]);
  return key === '' ? number : data.findIndex((values) => keyOf(values) === key) + 1;
}

describe('errors of a check', () => {
  it('are in the rows whose documents fail', async () => {
    await fc.assert(
      fc.asyncProperty(order, async ({ template, data, faults, fileName, options }) => {
        const ports = createMemoryPorts();
        const templateIds = [await givenWordFile(ports, richWordFile(template.join('')))];
        const isGroupable = data.some((each) => 'g' in each);
        const isFilterable = data.some((each) => 'a' in each) && data.some((each) => 'b' in each);
        const { groupBy, filter, ...others } = options;
        const body = {
          templateIds,
          data,
          fileName,
          options: {
            ...others,
            ...(isGroupable && groupBy !== undefined && { groupBy }),
            ...(groupBy === undefined && isFilterable && filter !== undefined && { filter }),
          },
        };
        const cells = faults.map(({ row: at, column }): FaultyCell => [at, column]);
        const creation = newCreation('check', ports);
        const { checkId } = await createCheck(ports, OWNER, OrderBodySchema.parse(body), creation);
        await writeFaultyRows(ports, checkId, data, cells);
        await runTrial(ports, { of: checkId, reportOnly: false });
        const { findings } = await getCheck(ports, OWNER, checkId);

        const { taskId } = await startedTask(ports, body);
        await writeFaultyRows(ports, taskId, data, cells);
        await runTask(ports, taskId);
        const { data: failures } = await listFailures(ports, OWNER, taskId, { limit: 100 });

        const documentOf = (number: number) =>
          'groupBy' in body.options ? firstOfGroup(data, number) : number;
        const failed = new Set(failures.map((failure) => failure.row));
        const erring = new Set(
          findings
            .filter(({ severity }) => severity === 'error')
            .flatMap(({ code, firstRows }) =>
              // What is told of cells is told of the rows that have them.
              code === 'CELL_FAULTY' ? firstRows.map(documentOf) : firstRows,
            ),
        );
        expect([...erring].sort(), JSON.stringify({ findings, failures }, null, 1)).toEqual(
          [...failed].sort(),
        );
        // So that strict ends exactly the tasks that would have failures.
        const errors = findings.filter(({ severity }) => severity === 'error').length;
        expect(errors > 0).toBe(failures.length > 0);
      }),
      { numRuns: RUNS, ...(SEED !== undefined && { seed: Number(SEED) }) },
    );
  }, 300_000);
});
