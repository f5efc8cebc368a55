/** Rendering in threads, and what a second thread adds. */
import { buildSync } from 'esbuild';
import { Worker } from 'node:worker_threads';
import type { Row } from '../../shared/schemas/common.ts';
import { median } from '../measure/comparison.ts';
import type { RenderingCase } from './renderingCase.ts';
import { BRACES } from './templates.ts';

const WORKER = './build/bench/renderWorker.mjs';
const ROUNDS = 5;
/** Of each thread in each round. */
const TURN_SECONDS = 0.6;

/** What every thread does, again and again. */
export interface ThreadWork {
  readonly template: Uint8Array;
  readonly rows: readonly Row[];
  /** Level at which all that varies is deflated; without it, what a task does. */
  readonly level?: number;
  /** Takes the SHA-256 of each document and writes them all here. */
  readonly file?: string;
}

/**
 * Documents a second of two threads over those of one.
 * @param secondsPerDocument of one thread, for the length of a turn
 */
export async function twoThreadsToOne(
  given: RenderingCase,
  secondsPerDocument: number,
): Promise<number> {
  const template = given.template(BRACES);
  if (!template) return NaN;
  const work = { template, rows: given.rows };
  const documents = Math.ceil(TURN_SECONDS / secondsPerDocument);
  const ratios: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const one = await secondsOf([work], documents);
    ratios.push((2 * one) / (await secondsOf([work, work], documents)));
  }
  return median(ratios);
}

/** Seconds until every thread, one for each piece of work, has rendered so many documents. */
export async function secondsOf(works: readonly ThreadWork[], documents: number): Promise<number> {
  bundleWorker();
  const workers = works.map((work) => new Worker(WORKER, { workerData: { ...work, documents } }));
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
    return (performance.now() - start) / 1000;
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

let bundled = false;

/** Once: a worker thread of Node.js 20 does not read TypeScript. */
function bundleWorker(): void {
  if (bundled) return;
  buildSync({
    entryPoints: ['bench/rendering/renderWorker.ts'],
    outfile: WORKER,
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    logLevel: 'warning',
  });
  bundled = true;
}
