/** The frame around every command: its context, its end, and how what went wrong is told. */
import type { Context, Interrupts } from './context.ts';
import type { SharedOptions, World } from './world.ts';
import { details, explain, Interrupted } from './errors.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { findTarget, type Target } from './target/target.ts';
import { isColourful, plain } from './terminal/screen.ts';
import { wrapped } from './terminal/wrapped.ts';

/** The process, as far as a command ends it or hears of its end. */
export interface Host extends World {
  /** Calls `listener` at each SIGINT and SIGTERM; returns how to stop that. */
  onInterrupt(listener: () => void): () => void;
  /** Calls `listener` when nobody reads standard output any more. */
  onOutputClosed(listener: () => void): void;
  /** Ends the process at once. */
  exit(code: ExitCode): never;
}

/**
 * Runs a command to its end.
 * @returns the code that the process is to end with; everything that went wrong has been told
 */
export async function runCommand(
  host: Host,
  options: SharedOptions,
  run: (context: Context) => Promise<ExitCode | undefined | void>,
): Promise<ExitCode> {
  const interrupts = listen(host);
  const isPlain = options.color === false;
  const note = (text: string) => {
    if (options.quiet !== true) host.err.write(`${wrapped(text, host.err)}\n`);
  };
  let target: Promise<Target> | undefined;
  let whenClosed: () => void = () => host.exit(EXIT.done);
  host.onOutputClosed(() => whenClosed());
  const context: Context = {
    ...host,
    options,
    interrupts: interrupts.interrupts,
    colour: !isPlain && isColourful(host.err, host.env),
    outColour: !isPlain && isColourful(host.out, host.env),
    target: () =>
      (target ??= findTarget(options, host, interrupts.interrupts.signal, (text) => note(text))),
    note,
    print: (text) => void host.out.write(`${text}\n`),
    tell: (value) => void host.out.write(`${JSON.stringify(value)}\n`),
    outliveOutput: () => (whenClosed = () => undefined),
  };
  try {
    const code = await unlessAborted(run(context), interrupts.interrupts.signal);
    return code ?? EXIT.done;
  } catch (error) {
    const found = await target?.catch(() => undefined);
    return fail(context, error, found?.apiUrl ?? options.endpoint);
  } finally {
    interrupts.end();
    void target?.then(
      ({ release }) => release(),
      () => undefined,
    );
  }
}

/** Tells what went wrong; the code to end with. */
function fail(context: Context, error: unknown, where: string | undefined): ExitCode {
  const { err, options } = context;
  const { message, more, exitCode } = explain(error, where);
  const tell = (line: string) => err.write(`${wrapped(line, err)}\n`);
  tell(plain(message));
  for (const line of more) tell(`  ${plain(line)}`);
  if (options.verbose === true) for (const line of details(error)) err.write(`  ${plain(line)}\n`);
  if (options.json === true) context.tell({ type: 'error', exitCode, message, more });
  return exitCode;
}

function listen(host: Host): { interrupts: Interrupts; end: () => void } {
  const controller = new AbortController();
  let count = 0;
  let last = 1;
  let handler: (nth: number) => void = () => controller.abort(new Interrupted());
  const end = host.onInterrupt(() => {
    count++;
    if (count > last) host.exit(EXIT.interrupted);
    handler(count);
  });
  return {
    interrupts: {
      signal: controller.signal,
      handle: (own, atMost) => {
        handler = own;
        last = atMost;
      },
    },
    end,
  };
}

/** What `work` gives; rejects with the reason of `signal` as soon as that is aborted. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    work.then(resolve, reject);
  });
}
