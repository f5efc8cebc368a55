/** `npm run demo`: the whole application on this machine, from a template and rows to an archive. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '../target/client.ts';
import { checkFiles } from './files.ts';
import { interruption, unlessAborted } from './interruption.ts';
import { startLocalCloud } from '../target/localCloud.ts';
import { HELP, parseOptions, UsageError, type DemoOptions } from './options.ts';
import { explain, runDemo, summary } from './runDemo.ts';

const EXIT = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;

async function run(options: DemoOptions, interrupted: AbortSignal): Promise<void> {
  await checkFiles(options);
  const dataDir = await mkdtemp(join(tmpdir(), 'sheaf-demo-'));
  process.stdout.write('Starting the local cloud …\n');
  try {
    const say = (line: string) => process.stdout.write(`${line}\n`);
    const cloud = await startLocalCloud(dataDir, {}, interrupted, say);
    try {
      const work = runDemo(createClient(cloud), options, process.stdout, process.env);
      process.stdout.write(summary(await unlessAborted(work, interrupted), options));
    } finally {
      await cloud.stop();
    }
  } finally {
    if (options.keep) process.stdout.write(`Data      ${dataDir} (kept)\n`);
    else await rm(dataDir, { recursive: true, force: true });
  }
}

async function main(args: string[]): Promise<void> {
  const interrupted = interruption();
  try {
    const options = parseOptions(args);
    if (options === 'help') process.stdout.write(HELP);
    else await run(options, interrupted);
    process.exitCode = EXIT.done;
  } catch (error) {
    process.stderr.write(`${explain(error)}\n`);
    if (error instanceof UsageError) process.stderr.write('See npm run demo -- --help.\n');
    // What was under way, such as a reconnecting WebSocket, would keep the process alive.
    if (interrupted.aborted) process.exit(EXIT.interrupted);
    process.exitCode = error instanceof UsageError ? EXIT.usage : EXIT.failed;
  }
}

void main(process.argv.slice(2));
