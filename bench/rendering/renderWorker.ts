/** One thread that renders: it says when it is warm, waits for a word, and says when it is done. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Row } from '../../shared/schemas/common.ts';
import { compileTemplate } from '../../shared/rendering/compileTemplate.ts';

const { template, rows, documents } = workerData as {
  template: Uint8Array;
  rows: readonly Row[];
  documents: number;
};
const compiled = compileTemplate(template);

function renderAll(count: number): void {
  for (let i = 0; i < count; i++) {
    compiled.render(rows[i % rows.length] ?? {}, { missingValue: 'empty', timeoutMs: 30_000 });
  }
}

renderAll(documents / 2);
parentPort?.once('message', () => {
  renderAll(documents);
  parentPort?.postMessage('done');
});
parentPort?.postMessage('ready');
