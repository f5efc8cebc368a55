/** The last results of each benchmark, as they are kept in bench/results/. */
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';

const FOLDER = 'bench/results';

/** Keeps the results of a benchmark, with the machine they come from, in place of its last ones. */
export async function save(name: string, result: unknown): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  const machine = { cpus: cpus().length, model: cpus()[0]?.model, node: process.version };
  await writeFile(`${FOLDER}/${name}.json`, `${JSON.stringify({ machine, result }, null, 2)}\n`);
}
