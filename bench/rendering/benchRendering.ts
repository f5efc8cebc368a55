/**
 * How fast documents are made from rows on one thread, beside stock docxtemplater and other libraries
 * (peers) and beside what compressing alone takes (floor); and what a second thread adds. All in one
 * process, by turns, after a warm-up: only ratios within one run mean anything.
 */
import { buildSync } from 'esbuild';
import { Worker } from 'node:worker_threads';
import type { Benchmark } from '../benchmark.ts';
import { save } from '../results.ts';
import { DEFAULT_ENGINE, ENGINES, STOCK } from './engines.ts';
import { CASES, rowsOf, type CaseName } from './templates.ts';

const ROUNDS = 7;
/** Of each engine in each round. */
const ROUND_MS = 120;
const WORKER = './build/bench/renderWorker.mjs';
const WORKER_DOCUMENTS = { letter: 30_000, invoice: 20_000, contract: 6_000 } as const;

/** Times are medians of rounds. */
interface EngineResult {
  readonly engine: string;
  readonly millisecondsPerDocument: number;
  readonly timesStock: number;
  readonly documentBytes: number;
}

interface RenderingResult {
  readonly template: CaseName;
  readonly engines: readonly EngineResult[];
  /** Documents a second of two threads over those of one. */
  readonly twoThreadsToOne: number;
}

const median = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;

async function benchCase(name: CaseName): Promise<EngineResult[]> {
  const rows = rowsOf(name);
  const contenders = Object.entries(ENGINES).map(([engine, open]) => ({
    engine,
    render: open(name),
    times: [] as number[],
    bytes: 0,
  }));
  for (let round = 0; round <= ROUNDS; round++) {
    for (const contender of contenders) {
      let documents = 0;
      let bytes = 0;
      const start = performance.now();
      let elapsed = 0;
      // Round 0 is the warm-up.
      while (elapsed < ROUND_MS || documents < 3) {
        const row = rows[documents % rows.length] ?? {};
        bytes += (await contender.render(row)).length;
        documents++;
        // Looking at the clock takes as long as a tenth of a fast document.
        if (documents % 8 === 0 || elapsed > 0 || documents < 8)
          elapsed = performance.now() - start;
      }
      if (round > 0) contender.times.push((performance.now() - start) / documents);
      contender.bytes = Math.round(bytes / documents);
    }
  }
  const stock = median(contenders.find(({ engine }) => engine === STOCK)?.times ?? []);
  return contenders.map(({ engine, times, bytes }) => ({
    engine,
    millisecondsPerDocument: median(times),
    timesStock: stock / median(times),
    documentBytes: bytes,
  }));
}

/** Documents a millisecond of so many threads, each rendering the same rows. */
async function threadRate(name: CaseName, threads: number): Promise<number> {
  const workers = Array.from(
    { length: threads },
    () =>
      new Worker(WORKER, {
        workerData: { name, documents: WORKER_DOCUMENTS[name] },
      }),
  );
  const message = (worker: Worker) =>
    new Promise<void>((resolve, reject) => {
      worker.once('message', resolve).once('error', reject);
    });
  try {
    await Promise.all(workers.map(message));
    const done = workers.map(message);
    const start = performance.now();
    for (const worker of workers) worker.postMessage('go');
    await Promise.all(done);
    return (threads * WORKER_DOCUMENTS[name]) / (performance.now() - start);
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

async function benchThreads(name: CaseName): Promise<number> {
  // A worker thread of Node 20 does not read TypeScript.
  buildSync({
    entryPoints: ['bench/rendering/renderWorker.ts'],
    outfile: WORKER,
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
  });
  const ratios: number[] = [];
  for (let round = 0; round < 3; round++) {
    const one = await threadRate(name, 1);
    ratios.push((await threadRate(name, 2)) / one);
  }
  return median(ratios);
}

/** Runs all engines over all templates; about a minute. */
async function benchRendering(): Promise<RenderingResult[]> {
  const results: RenderingResult[] = [];
  for (const template of Object.keys(CASES) as CaseName[]) {
    const engines = await benchCase(template);
    results.push({ template, engines, twoThreadsToOne: await benchThreads(template) });
  }
  return results;
}

/** The results as a table of text. */
function renderingTable(results: readonly RenderingResult[]): string {
  return results
    .flatMap(({ template, engines, twoThreadsToOne }) => [
      '',
      `${template}${' '.repeat(52 - template.length)}ms/document   × stock   bytes/document`,
      ...engines.map(
        ({ engine, millisecondsPerDocument, timesStock, documentBytes }) =>
          `  ${engine.padEnd(56)} ${millisecondsPerDocument.toFixed(4)} ${timesStock.toFixed(1).padStart(9)} ${String(documentBytes).padStart(16)}`,
      ),
      `  2 threads over 1 (${DEFAULT_ENGINE}): ${twoThreadsToOne.toFixed(2)}`,
    ])
    .join('\n');
}

export const rendering: Benchmark = {
  name: 'rendering',
  arguments: '',
  about: 'rows to documents on one thread, other libraries and deflate alone',
  async run() {
    const results = await benchRendering();
    process.stdout.write(`${renderingTable(results)}\n`);
    await save('rendering', results);
  },
};
