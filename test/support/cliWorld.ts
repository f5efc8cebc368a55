/** A folder with a local cloud that runs, for the command line. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SheafClient } from '../../client/client.ts';
import { followTask } from '../../client/followTask.ts';
import { createClient } from '../../cli/target/client.ts';
import { docx } from './docx.ts';
import { startTestCloud, type TestCloud } from './localCloud.ts';
import { runCli, type CliOptions, type CliRun } from './runCli.ts';

export interface CliWorld {
  readonly cloud: TestCloud;
  readonly client: SheafClient;
  /** Where commands run. */
  readonly folder: string;
  /** Runs a command to its end, with the local cloud. */
  sheaf(args: readonly string[], options?: Partial<CliOptions>): Promise<CliRun>;
  /** Runs a command that has to succeed; its lines of JSON. */
  json(...args: string[]): Promise<unknown[]>;
  /** Writes a file into the folder. */
  write(name: string, content: string | Uint8Array): Promise<void>;
  remove(): Promise<void>;
}

/** Starts one; a test file shares it. */
export async function startCliWorld(environment: Record<string, string> = {}): Promise<CliWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'sheaf-cli-'));
  const cloud = await startTestCloud(environment);
  const sheaf: CliWorld['sheaf'] = (args, options = {}) =>
    runCli(args, {
      cwd: folder,
      ...options,
      env: { SHEAF_DATA_DIR: cloud.dataDir, ...options.env },
    });
  return {
    cloud,
    client: createClient(cloud),
    folder,
    sheaf,
    async json(...args) {
      const { code, out, err } = await sheaf([...args, '--json']);
      if (code !== 0) throw new Error(`sheaf ${args.join(' ')} ended with ${code}: ${err}`);
      return linesOf(out);
    },
    write: (name, content) => writeFile(join(folder, name), content),
    async remove() {
      await cloud.remove();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Lines of JSON. */
export const linesOf = (out: string): unknown[] =>
  out
    .split('\n')
    .filter((line) => line !== '')
    .map((line): unknown => JSON.parse(line));

/** A task with a letter for each row, created and not started. */
export async function createTask(
  client: SheafClient,
  rows: readonly Record<string, string>[],
  text = 'Dear {name} of {city}',
): Promise<string> {
  const { templateId } = await client.uploadTemplate('letter.docx', docx(text));
  const { taskId } = await client.createTask({
    body: {
      templateIds: [templateId],
      data: [...rows],
      fileName: '{name}-{row}',
      options: { missingValue: 'error' },
    },
  });
  return taskId;
}

/** Starts a task and waits for its end. */
export async function finishTask(client: SheafClient, taskId: string): Promise<void> {
  await client.startTask({ taskId });
  await followTask(client, taskId, undefined, { progress: () => undefined });
}
