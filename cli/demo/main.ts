/** `npm run demo`: the whole application on this machine, from a template and rows to an archive. */
import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '../client.ts';
import { startLocalCloud } from './localCloud.ts';
import { HELP, parseOptions, UsageError, type DemoOptions } from './options.ts';
import { explain, runDemo, summary } from './runDemo.ts';

const EXIT = { done: 0, failed: 1, usage: 2 } as const;

async function requireFile(path: string, option: string): Promise<void> {
  await access(path).catch(() => {
    throw new UsageError(`${option} ${path}: there is no such file, or it cannot be read.`);
  });
}

async function run(options: DemoOptions): Promise<void> {
  await requireFile(options.template, '--template');
  await requireFile(options.data, '--data');
  const dataDir = await mkdtemp(join(tmpdir(), 'sheaf-demo-'));
  process.stdout.write('Starting the local cloud …\n');
  const cloud = await startLocalCloud(dataDir);
  const interrupted = () => void cloud.stop().then(() => process.exit(EXIT.failed));
  process.once('SIGINT', interrupted);
  process.once('SIGTERM', interrupted);
  try {
    const client = createClient(cloud);
    const result = await runDemo(client, options, process.stdout, process.env);
    process.stdout.write(summary(result, options));
  } finally {
    await cloud.stop();
    if (options.keep) process.stdout.write(`Data      ${dataDir} (kept)\n`);
    else await rm(dataDir, { recursive: true, force: true });
  }
}

try {
  const options = parseOptions(process.argv.slice(2));
  if (options === 'help') process.stdout.write(HELP);
  else await run(options);
  process.exitCode = EXIT.done;
} catch (error) {
  process.stderr.write(`${explain(error)}\n`);
  if (error instanceof UsageError) process.stderr.write('See npm run demo -- --help.\n');
  process.exitCode = error instanceof UsageError ? EXIT.usage : EXIT.failed;
}
