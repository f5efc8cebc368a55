/** One thread that renders: it says when it is warm, waits for a word, and says when it is done. */
import { openSync, writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { PART_BYTES } from '../../shared/limits.ts';
import { chooseEngine } from '../../shared/rendering/chooseEngine.ts';
import { compileTemplate } from '../../shared/rendering/compileTemplate.ts';
import { openTemplate } from '../../shared/rendering/openTemplate.ts';
import { readTags } from '../../shared/rendering/tags/readTags.ts';
import type { ThreadWork } from './threads.ts';

const { template, rows, documents, level, file } = workerData as ThreadWork & {
  documents: number;
};
const options = { missingValue: 'empty', timeoutMs: 30_000 } as const;

function open() {
  if (level === undefined) return compileTemplate(template);
  const opened = openTemplate(template);
  return chooseEngine(opened, readTags(opened), { compression: { level } });
}
const compiled = open();
const output = file === undefined ? undefined : openSync(file, 'w');

/** Documents are made one behind the other, as in the parts of a segment, in the same memory again. */
const memory = Buffer.allocUnsafeSlow(PART_BYTES);
let filled = 0;

function flush(): void {
  if (output !== undefined) writeSync(output, memory, 0, filled);
  filled = 0;
}

function room(bytes: number): Buffer | undefined {
  if (bytes > memory.length) return undefined;
  if (filled + bytes > memory.length) flush();
  return memory.subarray(filled, (filled += bytes));
}

function renderAll(count: number): void {
  for (let i = 0; i < count; i++) {
    const result = compiled.render(rows[i % rows.length] ?? {}, options, room);
    if (!result.ok) throw new Error(result.failure.detail);
    if (output === undefined) continue;
    const { document, head } = result;
    head?.sha256.copy().update(document.subarray(head.bytes)).digest('hex');
  }
  flush();
}

renderAll(Math.ceil(documents / 10));
parentPort?.once('message', () => {
  renderAll(documents);
  parentPort?.postMessage('done');
});
parentPort?.postMessage('ready');
