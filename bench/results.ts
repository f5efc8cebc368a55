/** The last results of each benchmark, as they are kept in bench/results/. */
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import * as z from 'zod';
import { ComparisonSchema, type Comparison } from './measure/comparison.ts';
import { comparisonTable } from './measure/table.ts';

const FOLDER = 'bench/results';
const fileOf = (name: string) => `${FOLDER}/${name}.json`;

const MachineSchema = z.object({ cpus: z.int(), model: z.string().optional(), node: z.string() });
export type Machine = z.infer<typeof MachineSchema>;

/** Results and the machine they come from. */
export interface Results<T> {
  readonly machine: Machine;
  readonly result: T;
}

/** Keeps the results of a benchmark, with the machine they come from, in place of its last ones. */
export async function save(name: string, result: unknown): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  const machine: Machine = { cpus: cpus().length, model: cpus()[0]?.model, node: process.version };
  await writeFile(fileOf(name), `${JSON.stringify({ machine, result }, null, 2)}\n`);
}

/** Shows comparisons as tables, and keeps them. */
export async function present(name: string, comparisons: readonly Comparison[]): Promise<void> {
  for (const comparison of comparisons) process.stdout.write(`${comparisonTable(comparison)}\n`);
  await save(name, comparisons);
}

/**
 * The last results of a benchmark; undefined when there are none.
 * @throws ZodError when the file does not hold what the schema says
 */
export function load<T>(name: string, schema: z.ZodType<T>): Results<T> | undefined {
  if (!existsSync(fileOf(name))) return undefined;
  return z
    .object({ machine: MachineSchema, result: schema })
    .parse(JSON.parse(readFileSync(fileOf(name), 'utf8')));
}

/** The last comparisons of a benchmark; undefined when there are none. */
export const loadComparisons = (name: string) => load(name, z.array(ComparisonSchema));
