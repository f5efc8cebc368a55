/** `sheaf start`: the local cloud in the foreground. */
import { spawn, type ChildProcess } from 'node:child_process';
import type { Command } from 'commander';
import * as z from 'zod';
import { createCommand, type Runner } from '../command.ts';
import type { Context } from '../context.ts';
import { UsageError } from '../errors.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import {
  CLOUD_ARGUMENTS,
  cloudEnvironment,
  readReady,
  ROOT,
  type ReadyCloud,
} from '../target/localCloud.ts';
import { holdReady } from '../target/sharedCloud.ts';
import { dataDirOf } from '../target/target.ts';
import { pairLines } from '../terminal/pairs.ts';
import { NO_BROWSER, openConsole } from './open/openConsole.ts';
import { numberBy } from './values.ts';

interface StartOptions {
  readonly port?: number;
  readonly freePorts?: boolean;
  readonly open?: boolean;
}

const PortSchema = z.int('It must be a whole number.').min(1).max(65_535);
const POLL_MS = 100;

export const createStartCommand = (runner: Runner): Command =>
  createCommand<StartOptions, []>(
    {
      name: 'start',
      summary: 'run the local cloud of this folder until Ctrl+C',
      description:
        'Runs the application that would be deployed on this machine, with its state in .sheaf (SHEAF_DATA_DIR). Other commands in this folder use it meanwhile. docs/local-cloud.md tells its further settings, which are variables of the environment.',
      examples: [
        { line: 'sheaf start', does: 'at http://localhost:3000' },
        { line: 'sheaf start --free-ports --open', does: 'beside another one, with its console' },
      ],
    },
    runner,
    (command) =>
      command
        .option(
          '--port <number>',
          'of API and console (HTTP_PORT; default: 3000)',
          numberBy(PortSchema),
        )
        .option('--free-ports', 'whichever are free, instead of 3000 to 3002')
        .option('--open', 'open the console in a browser'),
    async (context, options) => {
      const { endpoint, profile } = context.options;
      if (endpoint !== undefined || profile !== undefined) {
        throw new UsageError('The local cloud runs here: leave out --endpoint and --profile.');
      }
      if (options.port !== undefined && options.freePorts === true) {
        throw new UsageError('Leave out --port or --free-ports: they say different things.');
      }
      const dataDir = dataDirOf(context);
      const running = await holdReady(await readReady(dataDir));
      if (!running) return runCloud(context, dataDir, options);
      const { release, ...ready } = running;
      const ended = new Promise<void>((resolve) => context.interrupts.handle(() => resolve(), 1));
      context.note('The local cloud of this folder runs already. Ctrl+C leaves it.');
      if (context.options.json === true) context.tell(addresses(ready));
      else {
        const lines = pairLines([
          ['API', ready.apiUrl],
          ['WebSocket', ready.websocketUrl],
          ['Services', ready.servicesUrl],
          ['Data', dataDir],
        ]);
        for (const line of lines) context.print(line);
      }
      if (options.open === true && !(await openConsole(context, ready))) context.note(NO_BROWSER);
      await ended;
      release();
      return EXIT.done;
    },
  );

/** Runs it as a process that has this terminal, and ends with it. */
async function runCloud(
  context: Context,
  dataDir: string,
  { port, freePorts, open }: StartOptions,
): Promise<ExitCode> {
  const { json, quiet } = context.options;
  const ports = freePorts === true ? {} : usualPorts(context, port);
  const silence = json === true || quiet === true ? { SHEAF_QUIET: '1' } : {};
  const child = spawn(process.execPath, CLOUD_ARGUMENTS, {
    cwd: ROOT,
    env: { ...cloudEnvironment(dataDir), ...ports, ...silence },
    // When the channel closes, it ends: of a signal that this process alone gets it hears that way.
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const exit = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code));
  });
  context.interrupts.handle(() => {
    if (child.connected) child.disconnect();
    else child.kill('SIGKILL');
  }, Infinity);
  void whenReady(dataDir, child).then(async (ready) => {
    if (!ready) return;
    if (context.options.json === true) context.tell(addresses(ready));
    if (open === true && !(await openConsole(context, ready))) context.note(NO_BROWSER);
  });
  const code = await exit;
  return Object.values(EXIT).find((each) => each === code) ?? EXIT.failed;
}

const addresses = ({ apiUrl, websocketUrl, servicesUrl, apiKey }: ReadyCloud) => ({
  apiUrl,
  websocketUrl,
  servicesUrl,
  apiKey,
});

const usualPorts = ({ env }: Context, port: number | undefined) => ({
  HTTP_PORT: port === undefined ? env['HTTP_PORT'] : String(port),
  WS_PORT: env['WS_PORT'],
  SERVICES_PORT: env['SERVICES_PORT'],
});

/** What it writes once it is ready; undefined when it ends before. */
async function whenReady(dataDir: string, child: ChildProcess): Promise<ReadyCloud | undefined> {
  while (child.exitCode === null && child.signalCode === null) {
    const ready = await readReady(dataDir);
    if (ready && ready.pid === child.pid) return ready;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return undefined;
}
