/** Runs the command line as people do: as a process, in a folder. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';

const PROGRAMS = join(import.meta.dirname, '..', '..', 'cli');

export interface CliRun {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface CliOptions {
  readonly cwd: string;
  /** Of the folder cli/. */
  readonly program?: 'start.cjs' | 'demo.cjs';
  /** On top of the environment of the tests, without its settings of Sheaf. */
  readonly env?: Readonly<Record<string, string>>;
  /** What it reads from standard input. */
  readonly input?: string;
  /** Where standard output goes, open to be written; nothing of it is given back. */
  readonly out?: number;
  /** Told each piece of text that comes, to act upon it. */
  readonly onText?: (all: string, kill: (signal: NodeJS.Signals) => void) => void;
}

/** The outcome, once it has ended. */
export function runCli(
  args: readonly string[],
  { cwd, program = 'start.cjs', env = {}, input, out: outFile, onText }: CliOptions,
): Promise<CliRun> {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('SHEAF_'));
  const child = spawn(process.execPath, [join(PROGRAMS, program), ...args], {
    cwd,
    env: { ...Object.fromEntries(inherited), XDG_CONFIG_HOME: join(cwd, '.config'), ...env },
    stdio: ['pipe', outFile ?? 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  const told = () => onText?.(out + err, (signal) => void child.kill(signal));
  child.stdout?.on('data', (text: Buffer) => {
    out += text.toString('utf8');
    told();
  });
  child.stderr?.on('data', (text: Buffer) => {
    err += text.toString('utf8');
    told();
  });
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(input);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, out, err }));
  });
}
