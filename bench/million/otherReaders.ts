/** Archive programs that a machine may have: another opinion on the structure of an archive. */
import { spawn } from 'node:child_process';

interface Program {
  readonly name: string;
  readonly command: string;
  /** Arguments that test the whole archive and say nothing of each entry. */
  readonly test: (path: string) => string[];
}

/** The module's own command line ends well whatever it finds. */
const PYTHON_TEST = 'import sys, zipfile; sys.exit(zipfile.ZipFile(sys.argv[1]).testzip())';

/** The first that is there is asked; Python's needs most memory. */
const PROGRAMS: readonly Program[] = [
  { name: 'unzip', command: 'unzip', test: (path) => ['-tqq', path] },
  { name: '7-Zip', command: '7z', test: (path) => ['t', '-bso0', '-bsp0', path] },
  { name: "Python's zipfile", command: 'python3', test: (path) => ['-c', PYTHON_TEST, path] },
];

export interface OtherOpinion {
  /** The program that tested the archive; null when there is none. */
  readonly testedBy: string | null;
  readonly missing: readonly string[];
}

/**
 * Has a program of this machine test the archive.
 * @throws Error with what it says when it finds a fault
 */
export async function askOtherReader(path: string): Promise<OtherOpinion> {
  const missing: string[] = [];
  for (const { name, command, test } of PROGRAMS) {
    const fault = await run(command, test(path));
    if (fault === undefined) return { testedBy: name, missing };
    if (fault.isMissing) missing.push(name);
    else throw new Error(`${name} finds fault with the archive:\n${fault.text}`);
  }
  return { testedBy: null, missing };
}

/** Kept of what a program says. */
const TAIL_CHARACTERS = 2_000;

/** What went wrong; undefined when nothing did. */
function run(
  command: string,
  args: readonly string[],
): Promise<{ isMissing: boolean; text: string } | undefined> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    const keep = (piece: Buffer) => (text = (text + piece.toString()).slice(-TAIL_CHARACTERS));
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') resolve({ isMissing: true, text: '' });
      else reject(error);
    });
    child.on('close', (code, signal) => {
      resolve(
        code === 0 ? undefined : { isMissing: false, text: text || `It ended by ${signal}.` },
      );
    });
  });
}
