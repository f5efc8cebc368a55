/** One thread that renders: it says when it is warm, waits for a word, and says when it is done. */
import { parentPort, workerData } from 'node:worker_threads';
import { DEFAULT_ENGINE, ENGINES } from './engines.ts';
import { rowsOf, type CaseName } from './templates.ts';

const { name, documents } = workerData as { name: CaseName; documents: number };
const rows = rowsOf(name);
const render = ENGINES[DEFAULT_ENGINE]?.(name);

function renderAll(count: number): void {
  for (let i = 0; i < count; i++) void render?.(rows[i % rows.length] ?? {});
}

renderAll(documents / 5);
parentPort?.once('message', () => {
  renderAll(documents);
  parentPort?.postMessage('done');
});
parentPort?.postMessage('ready');
