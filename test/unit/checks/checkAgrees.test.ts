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
import { createMemoryPorts } from '../../support/memoryPorts.ts';
import { givenTemplate, runTask, startedTask } from '../../support/runTask.ts';
import { OWNER } from '../../support/tasks.ts';

const PIECES = [
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
const item = fc.record({ p: scalar, q: scalar }, { requiredKeys: [] });
const row = fc.record(
  { a: value, b: value, c: value, items: fc.array(item, { maxLength: 3 }) },
  { requiredKeys: [] },
) as fc.Arbitrary<Row>;

const order = fc.record({
  template: fc
    .uniqueArray(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 5 })
    // A condition and its opposite cannot be told apart by a template's tags.
    .map((pieces) => pieces.join(' ')),
  data: fc.array(row, { minLength: 1, maxLength: 6 }),
  fileName: fc.constantFrom('{row}', '{a}-{row}', '{b}'),
  missingValue: fc.constantFrom('empty', 'error'),
});

describe('errors of a check', () => {
  it('are in the rows whose documents fail', async () => {
    await fc.assert(
      fc.asyncProperty(order, async ({ template, data, fileName, missingValue }) => {
        const ports = createMemoryPorts();
        const templateIds = [await givenTemplate(ports, template)];
        const body = { templateIds, data, fileName, options: { missingValue } };
        const creation = newCreation('check', ports);
        const { checkId } = await createCheck(ports, OWNER, OrderBodySchema.parse(body), creation);
        await runTrial(ports, { of: checkId, reportOnly: false });
        const { findings } = await getCheck(ports, OWNER, checkId);

        const { taskId } = await startedTask(ports, body);
        await runTask(ports, taskId);
        const { data: failures } = await listFailures(ports, OWNER, taskId, { limit: 100 });

        const failed = new Set(failures.map((failure) => failure.row));
        const erring = new Set(
          findings.filter(({ severity }) => severity === 'error').flatMap((f) => f.firstRows),
        );
        expect([...erring].sort()).toEqual([...failed].sort());
      }),
      { numRuns: 60 },
    );
  }, 120_000);
});
