/**
 * `npm run bench -- million`: a million letters from a CSV file to an archive that is read back, entry
 * by entry, and what they would cost in AWS.
 */
import { statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { size } from '../cli/terminal/words.ts';
import { countFrom, type Benchmark } from './benchmark.ts';
import { billed, type BilledRun } from './million/billedRun.ts';
import { writeCostSection } from './million/costSection.ts';
import { costPerRow, runReport } from './million/report.ts';
import { runLetters, type LettersRun } from './million/runLetters.ts';
import { withTemporary } from './letters/temporary.ts';
import { save } from './results.ts';

const MILLION = 1_000_000;
/** What every other size is compared with; it also tells how much room a row needs. */
const SMALL = 1_000;
const ALL_SIZES = [SMALL, 10_000, 100_000, MILLION];

export const million: Benchmark = {
  name: 'million',
  arguments: '[rows | flat]',
  about: 'a million letters, read back one by one, and what they would cost in AWS',
  onlyByName: true,
  async run([argument]) {
    const runs: BilledRun[] = [];
    for (const rows of sizesFrom(argument)) {
      await requireRoom(rows, runs[0]?.run);
      process.stdout.write(`${rows.toLocaleString('en-US')} rows\n`);
      const run = billed(
        await withTemporary((temporary) => runLetters(rows, temporary, process.stdout)),
      );
      process.stdout.write(`${runReport(run)}\n`);
      runs.push(run);
    }
    process.stdout.write(`${costPerRow(runs)}\n`);
    await save('million', runs);
    const largest = runs.at(-1);
    if (largest) await writeCostSection(largest);
  },
};

/** @throws UsageError */
function sizesFrom(argument: string | undefined): readonly number[] {
  if (argument === 'flat') return ALL_SIZES;
  const rows = argument === undefined ? MILLION : countFrom(argument);
  return rows <= SMALL ? [rows] : [SMALL, rows];
}

/** On disk are the rows in two forms, the segments and the archive; and some to spare. */
const COPIES = 2.5;

/** @throws Error when the folder for temporary files has no room for so many rows */
async function requireRoom(rows: number, measured: LettersRun | undefined): Promise<void> {
  if (!measured) return;
  const { bavail, bsize } = await statfs(tmpdir());
  const needed = (measured.archiveBytes / measured.rows) * rows * COPIES;
  if (needed < bavail * bsize) return;
  throw new Error(
    `${tmpdir()} has ${size(bavail * bsize)} free, and ${rows} rows need ${size(needed)}. ` +
      'Name a roomier folder in TMPDIR.',
  );
}
