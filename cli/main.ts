/** `sheaf`: the command line. */
import { CommanderError } from 'commander';
import { EXIT, type ExitCode } from './exit.ts';
import { createProgram } from './program.ts';
import { runCommand, type Host } from './runCommand.ts';

/** What is under way when a command has ended, such as a connection that is being made, has this long, in ms. */
const AFTERLIFE_MS = 200;

let whenOutputClosed: () => void = () => end(EXIT.done);
let isOutputLost = false;
process.stdout.on('error', ({ code, message }: NodeJS.ErrnoException) => {
  // Whoever closes a pipe, as head does, has read what they wanted; a disk that is full has lost it.
  if (code !== 'EPIPE' && !isOutputLost) {
    isOutputLost = true;
    process.stderr.write(`Standard output cannot be written: ${message}\n`);
    // Often told when the command has ended already.
    if (process.exitCode === EXIT.done) process.exitCode = EXIT.failed;
  }
  whenOutputClosed();
});
// Nobody reads what is told any more.
process.stderr.on('error', () => undefined);

const host: Host = {
  env: process.env,
  cwd: process.cwd(),
  stdin: process.stdin,
  out: process.stdout,
  err: process.stderr,
  onInterrupt(listener) {
    process.on('SIGINT', listener).on('SIGTERM', listener);
    return () => process.off('SIGINT', listener).off('SIGTERM', listener);
  },
  onOutputClosed(listener) {
    whenOutputClosed = listener;
  },
  exit: end,
};

/** What the process ends with: nothing is done whose result is lost. */
const codeOf = (code: ExitCode): ExitCode =>
  isOutputLost && code === EXIT.done ? EXIT.failed : code;

function end(code: ExitCode): never {
  process.exit(codeOf(code));
}

async function main(args: string[]): Promise<ExitCode> {
  let code: ExitCode = EXIT.done;
  const program = createProgram(host, async (options, run) => {
    code = await runCommand(host, options, run);
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    // Commander has told what is wrong, or shown what was asked for.
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  }
}

void main(process.argv.slice(2)).then((code) => {
  process.exitCode = codeOf(code);
  // What is written to a pipe goes on; nothing else keeps the process.
  setTimeout(() => process.exit(), AFTERLIFE_MS).unref();
});
