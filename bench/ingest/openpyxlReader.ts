/** openpyxl, the reader of workbooks of Python, where this machine has it. */
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ReadXlsx } from './workbookReaders.ts';

/** It reads row by row, in flat memory, and writes each as JSON; the last word is how many there were. */
const SCRIPT = `
import json, sys, openpyxl
book = openpyxl.load_workbook(sys.argv[1], read_only=True)
rows = length = 0
for row in book.worksheets[0].iter_rows(values_only=True):
    length += len(json.dumps(row, default=str))
    rows += 1
assert length > 0
print(rows)
`;

/** In a process of its own, whose start and file count as well. */
export const readXlsxWithOpenpyxl =
  (python: string): ReadXlsx =>
  async ({ bytes }) => {
    const folder = await mkdtemp(join(tmpdir(), 'sheaf-openpyxl-'));
    try {
      const file = join(folder, 'rows.xlsx');
      await writeFile(file, bytes);
      const { status, stdout, stderr } = spawnSync(python, ['-c', SCRIPT, file], {
        encoding: 'utf8',
      });
      if (status !== 0)
        throw new Error(`openpyxl failed: ${stderr.trim().split('\n').at(-1) ?? ''}`);
      return Number(stdout) - 1;
    } finally {
      await rm(folder, { recursive: true });
    }
  };
