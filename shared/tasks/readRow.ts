/** One row of a task: its values, and what became of its documents. */
import { layOver } from '../dataSources/corrections.ts';
import { readIndex } from '../dataSources/rows.ts';
import { readRowsAt } from '../dataSources/rowsAt.ts';
import { readingFiles } from '../missingFiles.ts';
import type { Ports } from '../ports.ts';
import { Problem } from '../problems.ts';
import type { Row } from '../schemas/common.ts';
import type { TaskItem } from '../schemas/items.ts';
import type { RowView } from '../schemas/taskApi.ts';
import { loadCorrections } from '../shards/shardRows.ts';
import { failureOf, outcomesOfRow, type DocumentOutcome } from './rowOutcomes.ts';
import { noSuchRow } from '../selection/rowSpans.ts';
import { loadOwnedTask } from './taskStore.ts';
import { partsOf, type RowPart } from './parts.ts';

type ReadPorts = Pick<Ports, 'table' | 'objects'>;

async function valuesOf(ports: ReadPorts, task: TaskItem, row: number) {
  // Rows that are grouped are written when the task is planned first, which may be some time after its start.
  const isGrouped = task.ungrouped && (await ports.objects.head(task.indexKey));
  const keys = isGrouped ? task : (task.ungrouped ?? task);
  const index = await readIndex(ports, keys.indexKey);
  let values: Row = {};
  for await (const found of readRowsAt(ports, keys, index, [row])) values = found.values;
  const correction = (await loadCorrections(ports, task))?.get(row);
  return { values: layOver(values, correction), isCorrected: correction !== undefined };
}

async function documentOf(
  ports: ReadPorts,
  { label }: RowPart,
  templateId: string | null,
  outcome: DocumentOutcome | undefined,
): Promise<RowView['documents'][number]> {
  const base = { template: label, templateId, name: null, bytes: null, failure: null };
  if (!outcome) return { ...base, status: 'pending' };
  const { line } = outcome;
  if (line.status === 'succeeded') {
    return { ...base, status: line.status, name: line.document, bytes: line.bytes };
  }
  const failed = line.status === 'failed' ? await failureOf(ports, outcome) : undefined;
  if (!failed) return { ...base, status: line.status };
  const { code, tag = null, column = null, detail } = failed;
  return { ...base, status: line.status, failure: { code, tag, column, detail } };
}

/**
 * A row with its corrections, and the newest outcome of each of its documents.
 * @throws Problem TASK_NOT_FOUND, NOT_FOUND, DOWNLOAD_FAILED
 */
export async function getRow(
  ports: ReadPorts,
  ownerId: string,
  taskId: string,
  row: number,
): Promise<RowView> {
  const task = await loadOwnedTask(ports, ownerId, taskId);
  const missing = noSuchRow(row, task.rowCount);
  if (missing !== undefined) throw new Problem('NOT_FOUND', missing);
  return readingFiles('of the task', async () => {
    const [{ values, isCorrected }, outcomes] = await Promise.all([
      valuesOf(ports, task, row),
      outcomesOfRow(ports, task, row),
    ]);
    const documents = await Promise.all(
      partsOf(task).map((part, i) => {
        const templateId = task.templates[i]?.templateId ?? null;
        return documentOf(ports, part, templateId, outcomes.get(part.label));
      }),
    );
    return { row, values, isCorrected, documents };
  });
}
