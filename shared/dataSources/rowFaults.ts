/**
 * Cells of a row that could not be read: the row stands without their values, and its documents that read
 * them fail. They are on its line, behind a second tab.
 */
import * as z from 'zod';
import { stepsOf } from '../columns/columnPath.ts';
import { RowFaultSchema, type RowFault } from '../schemas/common.ts';

const ListSchema = z.array(RowFaultSchema);

/** @param json what writeFaults() made */
export const readFaults = (json: string | undefined): RowFault[] =>
  json === undefined ? [] : ListSchema.parse(JSON.parse(json));

export const writeFaults = (faults: readonly RowFault[]): string | undefined =>
  faults.length === 0 ? undefined : JSON.stringify(faults);

/** Those of columns that are not corrected. @param names of columns, and paths into them */
export function faultsOfOthers(
  json: string | undefined,
  names: ReadonlySet<string>,
): string | undefined {
  if (json === undefined) return undefined;
  const isCorrected = ({ column }: RowFault) =>
    names.has(column) || names.has(String(stepsOf(column)[0]));
  return writeFaults(readFaults(json).filter((fault) => !isCorrected(fault)));
}
