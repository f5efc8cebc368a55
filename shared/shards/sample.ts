/** Measuring what a row of a task costs, by rendering a few of them. */
import { cutRows, isBlankRow, readRows, type RowsIndex } from '../dataSources/rows.ts';
import { SAMPLE_MS, SAMPLE_PLACES, SAMPLE_ROWS } from '../limits.ts';
import type { Ports } from '../ports.ts';
import type { CompiledTemplate } from '../rendering/renderer.ts';
import type { Row } from '../schemas/common.ts';
import type { TaskItem } from '../schemas/items.ts';
import type { RowCost } from './shardSize.ts';
import { compiledTemplate } from './templateCache.ts';

/** Rounds of the sample at the most, for a clock that stands still. */
const MAX_ROUNDS = 100;

/** A few rows from places all over the data, blank ones left out. */
async function sampleRows(
  ports: Pick<Ports, 'objects'>,
  task: TaskItem,
  index: RowsIndex,
): Promise<Row[]> {
  const rows: Row[] = [];
  const perPlace = SAMPLE_ROWS / SAMPLE_PLACES;
  for (const range of cutRows(index, Math.ceil(task.rowCount / SAMPLE_PLACES))) {
    const wanted = rows.length + perPlace;
    for await (const batch of readRows(ports, task.rowsKey, range)) {
      for (const { values } of batch) {
        if (rows.length < wanted && !isBlankRow(values)) rows.push(values);
      }
      if (rows.length >= wanted) break;
    }
  }
  return rows;
}

/** Bytes of a row's documents; what cannot be rendered has none. */
function renderRow(task: TaskItem, templates: readonly CompiledTemplate[], row: Row): number {
  let bytes = 0;
  for (const template of templates) {
    const { missingValue, documentTimeoutSeconds } = task.options;
    const timeoutMs = documentTimeoutSeconds * 1000;
    const result = template.render(row, { missingValue, timeoutMs });
    if (result.ok) bytes += result.document.length;
  }
  return bytes;
}

/**
 * What a row costs on average in this process. A round before the clock starts compiles what the
 * engine compiles late.
 */
export async function measureRowCost(
  ports: Pick<Ports, 'objects' | 'clock'>,
  task: TaskItem,
  index: RowsIndex,
): Promise<RowCost> {
  const templates = await Promise.all(
    task.templates.map((template) => compiledTemplate(ports, template)),
  );
  const rows = await sampleRows(ports, task, index);
  if (rows.length === 0) return { ms: 0, bytes: 0 };

  let bytes = 0;
  for (const row of rows) bytes += renderRow(task, templates, row);

  const startedAt = ports.clock.now();
  let rendered = 0;
  let elapsed = 0;
  while (elapsed < SAMPLE_MS && rendered < MAX_ROUNDS * rows.length) {
    const row = rows[rendered % rows.length];
    if (row) renderRow(task, templates, row);
    rendered++;
    elapsed = ports.clock.now() - startedAt;
  }
  return { ms: elapsed / rendered, bytes: bytes / rows.length };
}
