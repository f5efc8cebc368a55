/** `npm run soak`: work, control and faults on one local cloud for some time, and what it comes to. */
import { parseArgs } from 'node:util';
import { openArena } from './cloud/arena.ts';
import { sleep } from './cloud/attempts.ts';
import { folderBytes, readKept } from './cloud/inspectFolder.ts';
import { countsOf, createLedger, type Ledger } from './cloud/ledger.ts';
import { playScenario } from './cloud/playScenario.ts';
import { makeScenario, type Scenario } from './cloud/scenario.ts';
import { growthTable, growthViolations, SAMPLES_LEAST, type Sample } from './cloud/soakReport.ts';

const HELP = `npm run soak -- [--minutes 30] [--seed 1]

Mixes work, control and faults on one local cloud in a folder of its own. Rounds follow each other: each plays
the scenario of the next seed, is brought to its end without faults, is held to the invariants, and is deleted.

  --minutes N   how long rounds are begun; the last one is played to its end (default 30)
  --seed N      seed of the first round (default 1)

In the first quarter of the time the cloud is killed and its disk filled, too. After that one process lives to
the end, so that its memory and its descriptors can be compared. The exit code is 1 when anything was violated.
`;

const MAX_MINUTES = 24 * 60;
/** In this part of the time the process may be ended. */
const KILLS_UNTIL = 0.25;
const TASK_LIMIT = 3;
/** Instances of functions that idle for 30 s are ended: what is left then is what the cloud takes by itself. */
const REST_MS = 35_000;

class UsageError extends Error {}

function readOptions(args: string[]): { minutes: number; seed: number } | 'help' {
  let values;
  try {
    ({ values } = parseArgs({
      args,
      options: {
        minutes: { type: 'string', default: '30' },
        seed: { type: 'string', default: '1' },
        help: { type: 'boolean', short: 'h' },
      },
    }));
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
  if (values.help) return 'help';
  const minutes = Number(values.minutes);
  const seed = Number(values.seed);
  if (!(minutes > 0 && minutes <= MAX_MINUTES)) {
    throw new UsageError(`--minutes is "${values.minutes}"; it must be from 0 to ${MAX_MINUTES}.`);
  }
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new UsageError(`--seed is "${values.seed}"; it must be a whole number from 0 on.`);
  }
  return { minutes, seed };
}

/** Without what ends the process. */
const sparing = (scenario: Scenario): Scenario => ({
  ...scenario,
  faults: scenario.faults.filter(({ kind }) => kind !== 'killCloud' && kind !== 'fullDisk'),
});

const print = (text: string) => void process.stdout.write(text);

async function soak({
  minutes,
  seed: firstSeed,
}: {
  minutes: number;
  seed: number;
}): Promise<Ledger> {
  const ledger = createLedger();
  const arena = await openArena(ledger, TASK_LIMIT, true);
  const begunAt = performance.now();
  const passed = () => (performance.now() - begunAt) / (minutes * 60_000);
  /** Of the process that lives to the end. */
  const samples: Sample[] = [];
  if (!arena.canFillDisk) print('The disk is not filled: none can be mounted here.\n');

  const sample = async (afterMs: number) => {
    await sleep(afterMs);
    const measures = await arena.cloud.measure();
    if (!measures) return undefined;
    const kept = await readKept(arena.dataDir);
    kept.close();
    return {
      ...measures,
      disk: folderBytes(arena.dataDir),
      taskObjects: kept.objectKeys.filter((key) => key.startsWith('tasks/')).length,
      items: kept.items.length,
    };
  };

  try {
    for (let seed = firstSeed; passed() < 1; seed++) {
      const mayEnd = passed() < KILLS_UNTIL;
      const violated = ledger.violations.length;
      const notes = ledger.notes.length;
      const made = makeScenario(seed, { canFillDisk: arena.canFillDisk });
      await playScenario(arena, mayEnd ? made : sparing(made), ledger, { deletesAll: true });
      const taken = await sample(mayEnd ? 0 : REST_MS);
      if (taken && !mayEnd) samples.push(taken);
      showRound(seed, passed() * minutes, minutes, ledger, taken);
      if (ledger.violations.length > violated) print(`${ledger.notes.slice(notes).join('\n')}\n`);
    }
  } finally {
    await arena.close();
  }
  for (const sentence of growthViolations(samples)) ledger.violation(sentence);
  showReport(ledger, samples, passed() * minutes);
  return ledger;
}

/** One line a round, which a terminal writes over. */
function showRound(
  seed: number,
  at: number,
  of: number,
  ledger: Ledger,
  taken: Sample | undefined,
): void {
  const { counts, violations } = ledger;
  const inMB = (bytes: number) => (bytes / 1024 / 1024).toFixed(0);
  const memory = taken
    ? `, ${inMB(taken.rssBytes)} MB (${inMB(taken.anonymousBytes)} not of files, heap ${inMB(taken.heapBytes)} of ` +
      `${inMB(taken.heapReservedBytes)}, buffers ${inMB(taken.externalBytes)}), ${taken.descriptors} descriptors`
    : '';
  const line =
    `${at.toFixed(1)} of ${of} min: seed ${seed}, ${counts.get('tasks') ?? 0} tasks, ` +
    `${counts.get('documents') ?? 0} documents, ${violations.length} violations${memory}`;
  print(process.stdout.isTTY ? `\r\u001b[K${line}` : `${line}\n`);
}

function showReport(ledger: Ledger, samples: readonly Sample[], took: number): void {
  const { counts, violations } = ledger;
  const of = (name: string) => (counts.get(name) ?? 0).toLocaleString('en-US');
  const list = (prefix: string) =>
    countsOf(ledger, prefix)
      .map(([name, n]) => `  ${name.padEnd(26)}${n.toLocaleString('en-US').padStart(12)}`)
      .join('\n');
  const growth =
    samples.length < SAMPLES_LEAST
      ? `Growth is not judged: that needs ${SAMPLES_LEAST} rounds of one process, and there were ${samples.length}.`
      : `What the cloud takes, after ${samples.length} rounds of one process, everything deleted:\n${growthTable(samples)}`;
  print(
    [
      '',
      `${took.toFixed(1)} minutes, ${of('runs')} rounds: ${of('tasks')} tasks, ${of('archives')} archives, ` +
        `${of('documents')} documents and ${of('failures')} failures read back, ${of('webhooks received')} webhooks, ` +
        `${of('events heard')} events and ${of('polls')} polls.`,
      'Faults:',
      list('faults: '),
      'Calls:',
      list('calls: '),
      growth,
      violations.length === 0 ? 'No violations.' : `${violations.length} violations:`,
      ...violations.map((sentence) => `  ${sentence}`),
      '',
    ].join('\n'),
  );
}

async function main(args: string[]): Promise<void> {
  const options = readOptions(args);
  if (options === 'help') return print(HELP);
  const { violations } = await soak(options);
  if (violations.length > 0) process.exitCode = 1;
}

await main(process.argv.slice(2)).catch((error: unknown) => {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message}\nnpm run soak -- --help tells what there is.\n`);
  process.exitCode = 2;
});
