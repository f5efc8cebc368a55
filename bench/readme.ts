/** The benchmarks' part of README.md, made of their last results and never typed by hand. */
import { readFile, writeFile } from 'node:fs/promises';
import { format, resolveConfig } from 'prettier';
import * as z from 'zod';
import {
  CONCATENATION,
  COPYING_CRC,
  COPYING_CRC_SHA,
  ENTRIES,
  SEGMENT,
} from './archive/archive.ts';
import { JOINING } from './archive/join.ts';
import { UsageError, type Benchmark } from './benchmark.ts';
import { INGEST } from './ingest/ingest.ts';
import { BARE, BARE_LEVEL_6, BARE_WRITTEN, WHOLE_JOB } from './job/job.ts';
import { isMeasured, measuredOf, timesAsFast, type Comparison } from './measure/comparison.ts';
import { duration, figure } from './measure/table.ts';
import { SHEAF } from './rendering/engines.ts';
import { TWO_THREADS } from './rendering/rendering.ts';
import { load, loadComparisons, type Machine } from './results.ts';

const FILE = 'README.md';
const PART = /(<!-- benchmarks -->\n)[^]*?(<!-- \/benchmarks -->)/;

/** What the table says of the million: the largest run of its last results. */
const MillionSchema = z
  .array(
    z.object({
      run: z.object({
        rows: z.int(),
        documentsPerSecond: z.number(),
        archiveBytes: z.number(),
        peakMemory: z.object({ localCloud: z.number().nullable() }),
      }),
      bill: z.object({ runningCost: z.number() }),
    }),
  )
  .min(1);

/** The last results of all benchmarks that the table shows; undefined where there are none. */
export const loadAll = () => ({
  rendering: loadComparisons('rendering'),
  archive: loadComparisons('archive'),
  join: loadComparisons('join'),
  ingest: loadComparisons('ingest'),
  job: loadComparisons('whole-job'),
  million: load('million', MillionSchema),
});
export type AllResults = ReturnType<typeof loadAll>;

/** What was done, how fast, and what that is beside others. */
type Line = readonly [what: string, rate: string, beside: string];

/** The text between the marks: the table and where it comes from; the same for the same results. */
export async function benchmarksPart(all: AllResults): Promise<string> {
  const comparisons = (name: Exclude<keyof AllResults, 'million'>) => all[name]?.result ?? [];
  const lines: Line[] = [
    ...comparisons('rendering').map(renderingLine),
    ...threadsLine(comparisons('rendering')),
    ...comparisons('archive').flatMap(archiveLines),
    ...comparisons('join').map(joinLine),
    ...comparisons('ingest').map(ingestLine),
    ...comparisons('job').slice(-1).map(jobLine),
    ...millionLine(all.million?.result ?? []),
  ];
  if (lines.length === 0) return 'Nothing has been measured yet.\n';
  const text = [
    '| what | Sheaf | beside others in the same run |',
    '|---|---|---|',
    ...lines.map((line) => `| ${line.join(' | ')} |`),
    '',
    origin(Object.values(all).flatMap((results) => (results ? [results.machine] : []))),
  ];
  return format(text.join('\n'), { ...(await resolveConfig(FILE)), parser: 'markdown' });
}

/** The README with this part between its marks. */
export function withPart(readme: string, part: string): string {
  if (!PART.test(readme)) throw new Error(`${FILE} has no <!-- benchmarks --> and its end.`);
  return readme.replace(PART, (_, begin: string, end: string) => `${begin}\n${part}\n${end}`);
}

/** Writes the table of the last results into README.md. */
export async function updateReadme(): Promise<void> {
  const readme = await readFile(FILE, 'utf8');
  const updated = withPart(readme, await benchmarksPart(loadAll()));
  if (updated !== readme) await writeFile(FILE, updated);
}

/** Of benchmarks that measure it anew; this one only writes. */
export const readme: Benchmark = {
  name: 'readme',
  arguments: '',
  about: 'measures nothing: writes the table of the last results into README.md',
  onlyByName: true,
  async run(args) {
    if (args.length > 0) throw new UsageError('readme takes no arguments.');
    await updateReadme();
  },
};

function origin(machines: readonly Machine[]): string {
  const known = new Set(
    machines.map(
      ({ model, cpus, node }) =>
        `${model ?? 'an unknown processor'}, ${cpus} cores, Node.js ${node}`,
    ),
  );
  return `Measured on ${[...known].join('; and on ')}. Machines differ: only ratios within one run mean anything.`;
}

const times = (ratio: number) => (ratio >= 10 ? figure(Math.round(ratio)) : ratio.toPrecision(2));
const percent = (ratio: number) => `${(ratio * 100).toPrecision(2)} %`;
const dollars = (cost: number) => `$${cost < 1 ? cost.toPrecision(2) : cost.toFixed(2)}`;
const megabytes = (bytes: number) => `${figure(bytes / 1e6)} MB`;

function ours(comparison: Comparison, name: string) {
  const found = measuredOf(comparison, name);
  if (!found) throw new Error(`The results of "${comparison.title}" lack ${name}.`);
  return found;
}

/** How one contender stands to all peers, and to floors. */
function beside(
  comparison: Comparison,
  name: string,
  floors: readonly (string | undefined)[] = [comparison.floor],
): string {
  const contender = ours(comparison, name);
  const peers = comparison.contenders
    .filter(isMeasured)
    .filter(({ role }) => role === 'peer')
    .map((peer) => `${times(timesAsFast(contender, peer))} × ${shortName(peer.name)}`);
  const toFloors = floors.map((floorName) => {
    const floor = measuredOf(comparison, floorName);
    if (!floor) return '';
    const part = timesAsFast(contender, floor);
    return `${part > 1 ? `${times(part)} ×` : `${percent(part)} of`} ${floor.name}`;
  });
  return joined([peers.join(', '), toFloors.filter(Boolean).join(', ')]);
}

/** Without what an explanation adds to a name. */
const shortName = (name: string) => name.replace(/ as its users call it$/, '');

const joined = (parts: readonly string[]) => parts.filter((part) => part !== '').join('; ');

const rate = (comparison: Comparison, name: string) =>
  `${figure(ours(comparison, name).unitsPerSecond)} ${comparison.unit}s/s`;

const renderingLine = (comparison: Comparison): Line => [
  `row to document, one thread: ${comparison.title}`,
  rate(comparison, SHEAF),
  beside(comparison, SHEAF),
];

function threadsLine(comparisons: readonly Comparison[]): Line[] {
  const ratios = comparisons.flatMap(({ title, figures = [] }) =>
    figures.filter(({ name }) => name === TWO_THREADS).map(({ value }) => [title, times(value)]),
  );
  if (ratios.length === 0) return [];
  const all = ratios.map(([title, ratio]) => `${ratio} × (${title})`).join(', ');
  return [['row to document, two threads over one', all, '']];
}

function archiveLines(comparison: Comparison): Line[] {
  const line = (what: string, name: string, ...floors: string[]): Line => {
    const { bytesPerUnit, unitsPerSecond } = ours(comparison, name);
    return [
      what,
      `${rate(comparison, name)}, ${megabytes(bytesPerUnit * unitsPerSecond)}/s`,
      beside(comparison, name, floors),
    ];
  };
  return [
    line('documents of 12 KB to ZIP entries', ENTRIES, CONCATENATION, COPYING_CRC),
    line('the same, with their SHA-256 in a manifest', SEGMENT, COPYING_CRC_SHA),
  ];
}

const joinLine = (comparison: Comparison): Line => [
  `${comparison.title} to one archive, without I/O`,
  duration(ours(comparison, JOINING).secondsPerUnit),
  beside(comparison, JOINING),
];

const ingestLine = (comparison: Comparison): Line => [
  `${comparison.title} to JSON Lines, without I/O`,
  rate(comparison, INGEST),
  beside(comparison, INGEST),
];

const jobLine = (comparison: Comparison): Line => [
  `the whole job: ${comparison.title}, CSV to archive through the API`,
  rate(comparison, WHOLE_JOB),
  joined([
    beside(comparison, WHOLE_JOB, [BARE_LEVEL_6, BARE_WRITTEN, BARE]),
    ...(comparison.figures ?? []).map(
      ({ name, value, unit }) => `${name} ${figure(value)} ${unit}`,
    ),
  ]),
];

function millionLine(runs: z.infer<typeof MillionSchema> | readonly []): Line[] {
  const last = runs.at(-1);
  if (!last) return [];
  const { run, bill } = last;
  const memory = run.peakMemory.localCloud;
  return [
    [
      `${figure(run.rows)} letters, CSV to archive, read back entry by entry`,
      `${figure(run.documentsPerSecond)} documents/s`,
      joined([
        `archive ${figure(run.archiveBytes / 1e9)} GB`,
        memory === null ? '' : `peak memory ${megabytes(memory)}`,
        `would cost ${dollars(bill.runningCost)} in AWS`,
      ]),
    ],
  ];
}
