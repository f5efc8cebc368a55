/** How a command of jobs ended: what it says last, and what the process ends with. */
import { EXIT, type ExitCode } from '../exit.ts';
import { pairLines } from '../terminal/pairs.ts';
import { count, counted, duration, size } from '../terminal/words.ts';
import type { Cause, Ending, Outcome, SavedPlace } from './jobEvents.ts';

/** Below it a rate says less of how fast it is than of how few there were. */
const LEAST_RATE = 10;
const TOLD_CAUSES = 8;

export interface Totals {
  readonly jobs: number;
  readonly total: number;
  readonly made: number;
  readonly failed: number;
  readonly skipped: number;
  readonly reused: number;
  readonly seconds: number;
}

export function totalsOf(outcomes: readonly Outcome[], seconds: number): Totals {
  const sum = (of: 'total' | 'made' | 'failed' | 'skipped' | 'reused') =>
    outcomes.reduce((all, outcome) => all + outcome[of], 0);
  return {
    jobs: outcomes.length,
    total: sum('total'),
    made: sum('made'),
    failed: sum('failed'),
    skipped: sum('skipped'),
    reused: sum('reused'),
    seconds,
  };
}

/** Interrupted, all made, none made, faulty, or something in between. */
export function exitCodeOf(outcomes: readonly Outcome[], isInterrupted: boolean): ExitCode {
  const all = (...endings: Ending[]) => outcomes.every(({ ending }) => endings.includes(ending));
  if (all('made')) return EXIT.done;
  if (isInterrupted) return EXIT.interrupted;
  if (all('faulty')) return EXIT.faulty;
  const hasMade = outcomes.some(({ made, ending }) => made > 0 || ending === 'made');
  // One that rests has lost nothing yet.
  const rests = outcomes.some(({ ending }) => ending === 'paused');
  return hasMade || rests ? EXIT.inPart : EXIT.failed;
}

const SAVED_NAMES = { archive: 'Archive', folder: 'Folder', results: 'Results' } as const;

/** What was saved, and how it was made sure of. */
function savedText({ what, path, bytes, unchanged = 0 }: SavedPlace): string {
  if (what === 'results') return `${path} · ${size(bytes)}`;
  const same = unchanged > 0 ? `, ${counted(unchanged, 'file')} unchanged` : '';
  const checked = what === 'archive' ? 'every entry read back and checked' : 'each checked';
  return `${path} · ${size(bytes)}${same}, ${checked}`;
}

/** 998 in 5.1 s, 197 a second */
function paceText(made: number, seconds: number): string {
  const time = seconds < 60 ? `${seconds.toFixed(1)} s` : duration(seconds);
  const rate = made / seconds;
  const pace = rate < LEAST_RATE ? '' : `, ${count(Math.round(rate))} a second`;
  return `${count(made)} in ${time}${pace}`;
}

/** Lines for people. */
export function summaryLines(outcomes: readonly Outcome[], totals: Totals): string[] {
  const [only] = outcomes;
  if (outcomes.length !== 1 || !only) return severalLines(outcomes, totals);
  const { ending, made, reused, skipped, saved, seconds } = only;
  const notes = [
    reused > 0 ? `${count(reused)} taken over unchanged` : '',
    skipped > 0 ? `${count(skipped)} skipped` : '',
  ].filter(Boolean);
  const told = notes.length === 0 ? '' : ` (${notes.join(', ')})`;
  return [
    ...(made > 0 || ending === 'made'
      ? pairLines([
          ['Documents', `${paceText(made, seconds)}${told}`],
          ...saved.map((place) => [SAVED_NAMES[place.what], savedText(place)] as const),
        ])
      : []),
    ...causeLines(only),
  ];
}

function severalLines(outcomes: readonly Outcome[], totals: Totals): string[] {
  const left = outcomes.filter(({ ending }) => ending !== 'made' && ending !== 'in part');
  return [
    ...pairLines([
      [
        'Tasks',
        `${count(totals.jobs)}${left.length > 0 ? `, ${count(left.length)} of them not done` : ''}`,
      ],
      ['Documents', paceText(totals.made, totals.seconds)],
      ['Failed', totals.failed > 0 ? count(totals.failed) : undefined],
    ]),
    ...outcomes.flatMap((outcome) =>
      outcome.failed > 0 ? [`${outcome.job}:`, ...causeLines(outcome)] : [],
    ),
  ];
}

/** Why documents failed, by cause. */
function causeLines({ failed, causes, areAllCauses, saved }: Outcome): string[] {
  if (failed === 0) return [];
  const inReport = saved.some(({ what }) => what !== 'results')
    ? ', all of them in _failures.csv'
    : '';
  const left = causes.length - TOLD_CAUSES;
  return [
    `Failed     ${counted(failed, 'document')}${inReport}:`,
    ...causes.slice(0, TOLD_CAUSES).map((cause) => `           ${causeText(cause)}`),
    ...(left > 0 ? [`           and ${counted(left, 'more cause')}`] : []),
    ...(areAllCauses ? [] : ['           (of the first ten thousand)']),
  ];
}

/** MISSING_VALUE, 2 rows (3, 7): No column fills {name}. */
export function causeText({ code, count: rows, rows: first, detail }: Cause): string {
  const shown = first.slice(0, 3).join(', ');
  const others = rows > 3 ? ', …' : '';
  return `${code}, ${counted(rows, 'row')} (${shown}${others}): ${detail}`;
}
