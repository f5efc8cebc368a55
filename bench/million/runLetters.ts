/** One run: a million letters or so, made, read back, and what they used. */
import { rm } from 'node:fs/promises';
import type { Screen } from '../../cli/terminal/screen.ts';
import { size } from '../../cli/terminal/words.ts';
import type { Usage } from '../../local/billing/usage.ts';
import { makeLetters } from '../letters/makeLetters.ts';
import { secondsOfStages, startStages } from '../letters/stages.ts';
import type { Temporary } from '../letters/temporary.ts';
import { askOtherReader, type OtherOpinion } from './otherReaders.ts';
import { verifyArchive, type VerifiedArchive } from './verifyArchive.ts';

export interface LettersRun {
  readonly rows: number;
  /** By stage (letters/makeLetters.ts). */
  readonly seconds: Readonly<Record<string, number>>;
  /** From the call that creates the task to the archive on disk. */
  readonly taskSeconds: number;
  readonly documentsPerSecond: number;
  readonly archiveBytes: number;
  /** Resident bytes at most. */
  readonly peakMemory: {
    /** Null where it cannot be measured. */
    readonly localCloud: number | null;
    readonly client: number;
    /** What the client had before it began, with all benchmarks loaded. */
    readonly clientBefore: number;
  };
  readonly verified: VerifiedArchive & OtherOpinion;
  readonly usage: Usage;
}

/** Stages between the call that creates the task and the archive on disk. */
const TASK = ['planning', 'rendering', 'assembling', 'download'];

/**
 * Makes `rows` letters and reads them back; nothing is left behind but what it tells.
 * @param screen where progress is shown
 * @throws Error when a document is missing, doubled or damaged
 */
export async function runLetters(
  rows: number,
  temporary: Temporary,
  screen: Screen,
): Promise<LettersRun> {
  const clientBefore = peakResidentBytes();
  const stages = startStages();
  const made = await makeLetters(rows, temporary, stages, screen);
  const { archive, archiveBytes, usage } = made;
  screen.write(`${size(archiveBytes)} downloaded; reading every entry back\n`);
  const read = await stages.time('verification', () =>
    verifyArchive(archive, rows, everyTenth(rows, screen)),
  );
  const other = await stages.time('another reader', () => askOtherReader(archive));
  await rm(archive);
  const seconds = stages.seconds();
  const taskSeconds = secondsOfStages(seconds, TASK);
  return {
    rows,
    seconds,
    taskSeconds,
    documentsPerSecond: rows / taskSeconds,
    archiveBytes,
    peakMemory: { localCloud: made.peakMemory, client: peakResidentBytes(), clientBefore },
    verified: { ...read, ...other },
    usage,
  };
}

/** Says how far the reading is, every tenth of the way. */
function everyTenth(rows: number, screen: Screen): (documents: number) => void {
  const tenth = Math.max(10_000, Math.ceil(rows / 10));
  return (documents) => {
    if (documents % tenth === 0) {
      screen.write(`${documents.toLocaleString('en-US')} documents are good\n`);
    }
  };
}

/** Resident bytes of this process, at most so far. */
const peakResidentBytes = () => process.resourceUsage().maxRSS * 1024;
