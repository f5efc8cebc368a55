/** Measuring what a row of a task costs, by rendering a few of them. */
import type { Spellings } from '../columns/spellings.ts';
import { cutRows, isBlankRow, readRows, type RowsIndex } from '../dataSources/rows.ts';
import { createSelection } from './selection.ts';
import { withTypedValues } from './typedRow.ts';
import {
  FLUSH_INTERVAL_MS,
  SAMPLE_BUDGET_MS,
  SAMPLE_MS,
  SAMPLE_PLACES,
  SAMPLE_ROWS,
} from '../limits.ts';
import type { Ports } from '../ports.ts';
import type { CompiledTemplate } from '../rendering/renderer.ts';
import type { Row } from '../schemas/common.ts';
import type { Order, TaskItem } from '../schemas/items.ts';
import type { RowCost } from './shardSize.ts';
import { loadSpellings } from '../tasks/taskNames.ts';
import { compiledTemplate } from './templateCache.ts';

/** Rounds of the sample at the most, for a clock that stands still. */
const MAX_ROUNDS = 100;

/** A few rows from places all over the data, blank ones left out. */
async function sampleRows(
  ports: Pick<Ports, 'objects'>,
  order: Order,
  index: RowsIndex,
): Promise<Row[]> {
  const rows: Row[] = [];
  const perPlace = SAMPLE_ROWS / SAMPLE_PLACES;
  const select = createSelection(order) ?? (() => true);
  for (const range of cutRows(index, Math.ceil(order.rowCount / SAMPLE_PLACES))) {
    const wanted = rows.length + perPlace;
    for await (const batch of readRows(ports, order.rowsKey, range)) {
      for (const row of batch.rows) {
        if (rows.length === wanted) break;
        if (!isBlankRow(row.values) && select(row) === true) rows.push(withTypedValues(row));
      }
      if (rows.length >= wanted) break;
    }
  }
  return rows;
}

export interface SampledTemplate {
  readonly compiled: CompiledTemplate;
  readonly spellings: Spellings | undefined;
}

/**
 * Bytes of a row's documents; what cannot be rendered has none.
 * @param leftMs for all of them
 */
function renderRow(
  { clock }: Pick<Ports, 'clock'>,
  { options }: Order,
  templates: readonly SampledTemplate[],
  row: Row,
  leftMs: number,
): number {
  const { missingValue, documentTimeoutSeconds } = options;
  const begunAt = templates.length > 1 ? clock.monotonicMs() : 0;
  let bytes = 0;
  for (const [i, { compiled, spellings }] of templates.entries()) {
    const left = i === 0 ? leftMs : leftMs - (clock.monotonicMs() - begunAt);
    const timeoutMs = Math.min(documentTimeoutSeconds * 1000, Math.max(1, left));
    const result = compiled.render(row, { missingValue, timeoutMs, spellings });
    if (result.ok) bytes += result.document.length;
  }
  return bytes;
}

/** The templates of a task, as they are measured. */
export async function taskTemplates(
  ports: Pick<Ports, 'objects'>,
  task: TaskItem,
): Promise<SampledTemplate[]> {
  const spellings = await loadSpellings(ports, task);
  return Promise.all(
    task.templates.map(async (template, i) => ({
      compiled: await compiledTemplate(ports, template, task.options),
      spellings: spellings.templates[i],
    })),
  );
}

/**
 * What a row costs on average in this process. Every row is rendered once, so that what the engine
 * compiles late is compiled; then again for as long as it takes to measure. Rows that take longer than
 * SAMPLE_BUDGET_MS together are measured by that once, as far as it came.
 * @param isStopped whether nobody needs it any more: asked every FLUSH_INTERVAL_MS
 */
export async function measureRowCost(
  ports: Pick<Ports, 'objects' | 'clock'>,
  order: Order,
  templates: readonly SampledTemplate[],
  index: RowsIndex,
  isStopped: () => Promise<boolean>,
): Promise<RowCost> {
  const rows = await sampleRows(ports, order, index);
  if (rows.length === 0) return { ms: 0, bytes: 0 };
  const render = (row: Row, leftMs: number) => renderRow(ports, order, templates, row, leftMs);

  const begunAt = ports.clock.monotonicMs();
  let elapsed = 0;
  let bytes = 0;
  let askedAt = 0;
  for (const [i, row] of rows.entries()) {
    bytes += render(row, SAMPLE_BUDGET_MS - elapsed);
    elapsed = ports.clock.monotonicMs() - begunAt;
    const soFar = { ms: elapsed / (i + 1), bytes: bytes / (i + 1) };
    if (elapsed >= SAMPLE_BUDGET_MS) return soFar;
    if (elapsed - askedAt < FLUSH_INTERVAL_MS) continue;
    if (await isStopped()) return soFar;
    askedAt = elapsed;
  }
  const warmAt = ports.clock.monotonicMs();
  let rendered = 0;
  for (elapsed = 0; elapsed < SAMPLE_MS && rendered < MAX_ROUNDS * rows.length; rendered++) {
    const row = rows[rendered % rows.length];
    if (row) render(row, SAMPLE_BUDGET_MS);
    elapsed = ports.clock.monotonicMs() - warmAt;
  }
  return { ms: elapsed / rendered, bytes: bytes / rows.length };
}
