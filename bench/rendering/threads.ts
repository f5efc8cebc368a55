/** What a second thread adds to rendering. */
import { buildSync } from 'esbuild';
import { Worker } from 'node:worker_threads';
import { median } from '../measure/comparison.ts';
import type { RenderingCase } from './renderingCase.ts';
import { BRACES } from './templates.ts';

const WORKER = './build/bench/renderWorker.mjs';
const ROUNDS = 3;
/** Of each thread in each round. */
const TURN_SECONDS = 0.4;

/**
 * Documents a second of two threads over those of one.
 * @param secondsPerDocument of one thread, for the length of a turn
 */
export async function twoThreadsToOne(
  given: RenderingCase,
  secondsPerDocument: number,
): Promise<number> {
  // A worker thread of Node.js 20 does not read TypeScript.
  buildSync({
    entryPoints: ['bench/rendering/renderWorker.ts'],
    outfile: WORKER,
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    logLevel: 'warning',
  });
  const documents = Math.ceil(TURN_SECONDS / secondsPerDocument);
  const ratios: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const one = await rateOf(given, documents, 1);
    ratios.push((await rateOf(given, documents, 2)) / one);
  }
  return median(ratios);
}

/** Documents a second of so many threads, each rendering the same rows. */
async function rateOf(given: RenderingCase, documents: number, threads: number): Promise<number> {
  const workerData = { template: given.template(BRACES), rows: given.rows, documents };
  const workers = Array.from({ length: threads }, () => new Worker(WORKER, { workerData }));
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
    return (threads * documents) / ((performance.now() - start) / 1000);
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}
