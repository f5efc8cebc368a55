/** A Python that has openpyxl, a reader and writer of workbooks that others made. */
import { spawnSync } from 'node:child_process';

/** The first on the PATH, and the system's own, which has what its packages bring. */
const PYTHONS = ['python3', '/usr/bin/python3'];

/** The command that runs it; undefined where no Python has it. */
export const pythonWithOpenpyxl: string | undefined = PYTHONS.find(
  (python) => spawnSync(python, ['-c', 'import openpyxl'], { stdio: 'ignore' }).status === 0,
);
