/** Corrections of a task's rows: values that are laid over the row's own when it is read. */
import * as z from 'zod';
import { mayBePath, stepsOf, type Step } from '../columns/columnPath.ts';
import type { Ports } from '../ports.ts';
import { readJson } from '../readJson.ts';
import type { Row } from '../schemas/common.ts';
import { isRow } from './rowShape.ts';

/** A value of a row, or of what a row holds. */
type Value = Row[string];

/** What is inside was checked when it was sent; a task may have 10,000 and more. */
const ValuesSchema = z.custom<Row>(isRow);

export const CorrectionSchema = z.object({
  row: z.int().min(1),
  /** By the row's own fields. */
  values: ValuesSchema,
  /** By header paths that lead into a field, such as address.city. */
  inner: ValuesSchema.optional(),
});
export type Correction = z.infer<typeof CorrectionSchema>;

/** All corrections of a task, by row. */
export type Corrections = ReadonlyMap<number, Correction>;

const StoredSchema = z.array(CorrectionSchema);

/** The object of all corrections. */
export const encodeCorrections = (corrections: Corrections): Uint8Array =>
  Buffer.from(JSON.stringify([...corrections.values()].sort((a, b) => a.row - b.row)));

/** The last that were read: a worker reads those of one task over and over. */
let latest: { readonly key: string; readonly corrections: Corrections } | undefined;

/** @throws ObjectMissing */
export async function readCorrections(
  ports: Pick<Ports, 'objects'>,
  key: string,
): Promise<Corrections> {
  if (latest?.key === key) return latest.corrections;
  const stored = StoredSchema.parse(await readJson(ports, key));
  const corrections = new Map(stored.map((each) => [each.row, each]));
  latest = { key, corrections };
  return corrections;
}

/**
 * Parts a correction by what its columns are.
 * @param columns fields of the rows themselves; other names are paths into them
 */
export function correctionOf(row: number, values: Row, columns: ReadonlySet<string>): Correction {
  const own: Row = {};
  const inner: Row = {};
  for (const [name, value] of Object.entries(values)) {
    const isPath = !columns.has(name) && mayBePath(name) && stepsOf(name).length > 1;
    (isPath ? inner : own)[name] = value;
  }
  return { row, values: own, ...(Object.keys(inner).length > 0 && { inner }) };
}

/** The newer correction of a row over the older one. */
export const joinCorrections = (older: Correction | undefined, newer: Correction): Correction => {
  if (!older) return newer;
  // What is set as a whole is newer than what an older correction set inside of it.
  const olderInner = Object.entries(older.inner ?? {}).filter(
    ([path]) => !Object.hasOwn(newer.values, String(stepsOf(path)[0])),
  );
  const inner = { ...Object.fromEntries(olderInner), ...newer.inner };
  return {
    row: newer.row,
    values: { ...older.values, ...newer.values },
    ...(Object.keys(inner).length > 0 && { inner }),
  };
};

/** The row with its correction laid over; the row itself stays as it is. */
export function layOver(values: Row, correction: Correction | undefined): Row {
  if (!correction) return values;
  let corrected: Row = { ...values, ...correction.values };
  for (const [path, value] of Object.entries(correction.inner ?? {})) {
    corrected = { ...corrected, ...asRow(withInner(corrected, stepsOf(path), value)) };
  }
  return corrected;
}

/** The columns that are corrected, and the paths into them. */
export const correctedNames = ({ values, inner = {} }: Correction): ReadonlySet<string> =>
  new Set([...Object.keys(values), ...Object.keys(inner)]);

/**
 * What is behind the values of a row that are not corrected: a corrected value is what it says.
 * @param typed as the row has it (rows.ts)
 */
export function typedOfOthers(
  typed: string | undefined,
  correction: Correction | undefined,
): string | undefined {
  if (typed === undefined || !correction) return typed;
  const corrected = new Set([
    ...Object.keys(correction.values),
    ...Object.keys(correction.inner ?? {}).map((path) => String(stepsOf(path)[0])),
  ]);
  const values = ValuesSchema.parse(JSON.parse(typed));
  const others = Object.entries(values).filter(([name]) => !corrected.has(name));
  return others.length === 0 ? undefined : JSON.stringify(Object.fromEntries(others));
}

const asRow = (value: Value): Row => (isRow(value) ? value : {});

/** A copy of what is there, with the value at the end of the way; what is missing on it is made. */
function withInner(there: Value | undefined, steps: readonly Step[], value: Value): Value {
  const [step, ...rest] = steps;
  if (step === undefined) return value;
  if (typeof step === 'number') {
    const list: Value[] = Array.isArray(there) ? [...there] : [];
    while (list.length < step) list.push(null);
    list[step - 1] = withInner(list[step - 1], rest, value);
    return list;
  }
  const fields: Row = isRow(there) ? there : {};
  return { ...fields, [step]: withInner(fields[step], rest, value) };
}
