/** Checks of rows that come inline, and what they found. */
import { expect } from 'vitest';
import { MarksSchema, type CellMark } from '../../shared/checks/report/marks.ts';
import { newCreation } from '../../shared/creation.ts';
import { writeFaults } from '../../shared/dataSources/rowFaults.ts';
import { createRowsWriter } from '../../shared/dataSources/rowsWriter.ts';
import { objectKeys } from '../../shared/keys.ts';
import type { Ports } from '../../shared/ports.ts';
import type { FindingCode } from '../../shared/problems.ts';
import { readJson } from '../../shared/readJson.ts';
import type { CheckView, Finding } from '../../shared/schemas/checkApi.ts';
import type { Row } from '../../shared/schemas/common.ts';
import { OrderBodySchema } from '../../shared/schemas/taskApi.ts';
import { createCheck } from '../../shared/trials/createCheck.ts';
import { getCheck } from '../../shared/trials/readCheck.ts';
import { runTrial } from '../../shared/trials/runTrial.ts';
import { docx } from './docx.ts';
import { createMemoryPorts } from './memoryPorts.ts';
import { givenWordFile } from './runTask.ts';
import { OWNER } from './tasks.ts';

export interface CheckedBody {
  /** The text of its paragraph, or a whole file. */
  readonly template: string | Uint8Array;
  readonly data: readonly Row[];
  readonly fileName?: string;
  readonly options?: object;
  /** Cells that could not be read, by row. */
  readonly faults?: readonly FaultyCell[];
}

/** Row from 1, and the column as its path. */
export type FaultyCell = readonly [row: number, column: string];

export async function checked({ template, faults, ...body }: CheckedBody): Promise<CheckView> {
  return (await checkedWithMarks({ template, ...(faults && { faults }), ...body })).check;
}

/** The same with the cells that its report marks. */
export async function checkedWithMarks({ template, faults, ...body }: CheckedBody): Promise<{
  check: CheckView;
  marks: readonly CellMark[];
  markedAll: boolean;
}> {
  const ports = createMemoryPorts();
  const file = typeof template === 'string' ? docx(template) : template;
  const templateIds = [await givenWordFile(ports, file)];
  const order = OrderBodySchema.parse({ templateIds, ...body });
  const { checkId } = await createCheck(ports, OWNER, order, newCreation('check', ports));
  if (faults) await writeFaultyRows(ports, checkId, body.data, faults);
  await runTrial(ports, { of: checkId, reportOnly: false });
  const check = await getCheck(ports, OWNER, checkId);
  expect(check.status).toBe('done');
  const kept = await readJson(ports, objectKeys.checkMarks(checkId));
  const { marks, markedAll } = MarksSchema.parse(kept);
  return { check, marks, markedAll };
}

/** The only finding of a code. */
export const only = ({ findings }: CheckView, code: FindingCode): Finding => {
  const [found, ...more] = findings.filter((finding) => finding.code === code);
  expect(more).toEqual([]);
  if (!found) throw new Error(`There is no ${code} among ${findings.map((f) => f.code).join()}.`);
  return found;
};

export const people = (count: number, more: (i: number) => Row = () => ({})): Row[] =>
  Array.from({ length: count }, (_, i) => ({ name: `P${i + 1}`, ...more(i + 1) }));

/** Writes inline rows anew, with cells that could not be read: by themselves only workbooks have some. */
export async function writeFaultyRows(
  ports: Pick<Ports, 'objects'>,
  id: string,
  data: readonly Row[],
  faults: readonly FaultyCell[],
): Promise<void> {
  const writer = createRowsWriter(ports, {
    rowsKey: objectKeys.inlineRows(id),
    indexKey: objectKeys.inlineIndex(id),
  });
  for (const [i, values] of data.entries()) {
    const its = faults.filter(([row]) => row === i + 1);
    const told = writeFaults(
      its.map(([, column]) => ({
        column,
        cell: 'B2',
        code: 'CELL_ERROR',
        detail: 'The cell B2 holds an error.',
      })),
    );
    writer.writeLine(JSON.stringify(values) + (told === undefined ? '' : `\t\t${told}`));
  }
  await writer.finish();
}
