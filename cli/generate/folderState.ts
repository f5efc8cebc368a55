/** What a folder of documents knows of the task that they came from: --skip-existing goes on from it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { TaskIdSchema } from '../../shared/schemas/common.ts';
import { replaceFile } from '../files/replaceFile.ts';
import type { Target } from '../target/target.ts';

const StateSchema = z.object({ from: z.string(), taskId: TaskIdSchema });

const pathIn = (folder: string) => join(folder, '.sheaf.json');

/** The installation that a task is of: a local cloud has another address at every start. */
const placeOf = ({ dataDir, apiUrl }: Target) => dataDir ?? apiUrl;

/** The task whose documents the folder holds; undefined when it is not known, or of another installation. */
export async function readTask(folder: string, target: Target): Promise<string | undefined> {
  try {
    const text = await readFile(pathIn(folder), 'utf8');
    const { from, taskId } = StateSchema.parse(JSON.parse(text));
    return from === placeOf(target) ? taskId : undefined;
  } catch {
    return undefined; // There is none, or none of ours: everything is made.
  }
}

export const writeTask = (folder: string, target: Target, taskId: string): Promise<void> =>
  replaceFile(pathIn(folder), `${JSON.stringify({ from: placeOf(target), taskId })}\n`);
