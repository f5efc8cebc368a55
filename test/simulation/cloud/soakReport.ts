/** What a soak came to: counts, violations, and whether what the cloud takes stays the same. */
import type { Measures } from './protocol.ts';

/** Taken after everything of a round was deleted. */
export interface Sample extends Measures {
  /** Of the data folder, by what is in it. */
  readonly disk: Readonly<Record<string, number>>;
  /** Of tasks; uploads that are deleted go later. */
  readonly taskObjects: number;
  readonly items: number;
}

/** How much more may be taken in the last third than in the first: a share, and an amount beside it. */
interface Room {
  readonly share: number;
  readonly amount: number;
}

const MB = 1024 * 1024;

interface Row {
  readonly name: string;
  readonly of: (sample: Sample) => number;
  readonly isBytes: boolean;
  /**
   * Whether the least of a third counts, and not the mean: instances of functions that idle, or still end, take tens of
   * megabytes, in one sample more and in another less. What leaks is in all of them.
   */
  readonly isLeast?: boolean;
  /** Undefined: it is shown, and grows by what is kept on purpose. */
  readonly room: Room | undefined;
}

const ROWS: readonly Row[] = [
  // Pages of the table's files count as long as nobody else wants them.
  { name: 'memory of the process', of: (s) => s.rssBytes, isBytes: true, room: undefined },
  // V8 and the allocator keep some of what they once had.
  {
    name: 'of it, not of files, least',
    of: (s) => s.anonymousBytes,
    isBytes: true,
    isLeast: true,
    room: { share: 0.05, amount: 8 * MB },
  },
  { name: 'heap, as reserved', of: (s) => s.heapReservedBytes, isBytes: true, room: undefined },
  {
    name: 'heap after a collection',
    of: (s) => s.heapBytes,
    isBytes: true,
    room: { share: 0.1, amount: 6 * MB },
  },
  {
    name: 'buffers outside of it',
    of: (s) => s.externalBytes,
    isBytes: true,
    room: { share: 0.1, amount: 16 * MB },
  },
  {
    name: 'open descriptors',
    of: (s) => s.descriptors,
    isBytes: false,
    room: { share: 0.1, amount: 8 },
  },
  {
    name: 'objects of tasks',
    of: (s) => s.taskObjects,
    isBytes: false,
    room: { share: 0, amount: 0 },
  },
  // Notes of deletions (an hour), claims of idempotency keys (a day).
  { name: 'items of the table', of: (s) => s.items, isBytes: false, room: undefined },
  {
    name: 'disk: table',
    of: (s) => s.disk['table'] ?? 0,
    isBytes: true,
    room: { share: 0.5, amount: 16 * MB },
  },
  // Uploads that a task may still be about to use when they are deleted go a day later.
  { name: 'disk: objects', of: (s) => s.disk['objects'] ?? 0, isBytes: true, room: undefined },
  // As many executions of a machine are kept as a person looks through; a file of a log has 2 MB at most, twice.
  { name: 'disk: workflow', of: (s) => s.disk['workflow'] ?? 0, isBytes: true, room: undefined },
  { name: 'disk: logs', of: (s) => s.disk['logs'] ?? 0, isBytes: true, room: undefined },
];

const mean = (numbers: readonly number[]) =>
  numbers.reduce((sum, n) => sum + n, 0) / Math.max(1, numbers.length);

const least = (numbers: readonly number[]) => Math.min(...numbers);

export interface Growth {
  readonly name: string;
  readonly first: number;
  readonly last: number;
  readonly isBytes: boolean;
  /** Undefined: nothing is asked of it. */
  readonly isFlat: boolean | undefined;
}

/** The first third of the samples against the last. */
export function growthOf(samples: readonly Sample[]): Growth[] {
  const third = Math.max(1, Math.floor(samples.length / 3));
  return ROWS.map(({ name, of, isBytes, isLeast = false, room }) => {
    const taken = isLeast ? least : mean;
    const first = taken(samples.slice(0, third).map(of));
    const last = taken(samples.slice(-third).map(of));
    const isFlat = room && last <= first * (1 + room.share) + room.amount;
    return { name, first, last, isBytes, isFlat };
  });
}

/** Too few to tell growth from chance. */
export const SAMPLES_LEAST = 6;

export function growthViolations(samples: readonly Sample[]): string[] {
  if (samples.length < SAMPLES_LEAST) return [];
  return growthOf(samples)
    .filter(({ isFlat }) => isFlat === false)
    .map(
      ({ name, ...growth }) =>
        `${name} grow: ${amount(growth.first, growth)} at first, ${amount(growth.last, growth)} at last.`,
    );
}

function amount(value: number, { isBytes }: Pick<Growth, 'isBytes'>): string {
  return isBytes ? `${(value / MB).toFixed(1)} MB` : value.toFixed(0);
}

/** The table of the report. */
export function growthTable(samples: readonly Sample[]): string {
  const lines = growthOf(samples).map((growth) => {
    const { name, first, last, isFlat } = growth;
    const verdict = isFlat === undefined ? '' : isFlat ? 'flat' : 'GROWS';
    return `  ${name.padEnd(28)}${amount(first, growth).padStart(12)}${amount(last, growth).padStart(12)}  ${verdict}`.trimEnd();
  });
  return [
    `  ${''.padEnd(28)}${'first third'.padStart(12)}${'last third'.padStart(12)}`,
    ...lines,
  ].join('\n');
}
