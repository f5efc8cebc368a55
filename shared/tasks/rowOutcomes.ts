/** What became of the documents of one row, wherever it was tried. */
import type { FailureLine, ManifestLine } from '../archive/reports.ts';
import { failureLines, manifestLines } from '../archive/segmentReader.ts';
import type { Ports } from '../ports.ts';
import type { ShardItem, TaskItem } from '../schemas/items.ts';
import { retriedShardsOfRow, type HoldingShard } from '../shards/retriedRow.ts';
import { failureOfShard } from '../shards/shardFailure.ts';
import { shardOfRow } from './taskStore.ts';
import { labelsOf } from './parts.ts';

type ReadPorts = Pick<Ports, 'table' | 'objects'>;

/** What counts of a document. */
export interface DocumentOutcome {
  readonly line: ManifestLine;
  /** The shard that tells it, and has the document if it was made. */
  readonly shard: ShardItem;
  readonly isLost: boolean;
}

/** The lines of a row among those of a shard. */
async function linesOf<L extends { readonly row: number }>(
  row: number,
  lines: AsyncIterable<{ readonly line: L }>,
): Promise<L[]> {
  const found: L[] = [];
  for await (const { line } of lines) {
    if (line.row > row) break;
    if (line.row === row) found.push(line);
  }
  return found;
}

async function toldBy(
  ports: ReadPorts,
  task: TaskItem,
  { shard, position }: HoldingShard,
  row: number,
): Promise<DocumentOutcome[]> {
  const last = shard.segments.at(-1);
  const lines = last ? await linesOf(row, manifestLines(ports, last)) : [];
  const told = lines.map((line) => ({ line, shard, isLost: false }));
  const isLost = shard.status === 'failed' && position >= shard.firstRow + shard.reached.rows;
  if (!isLost) return told;
  const lost = labelsOf(task).filter((label) => lines.every((l) => l.template !== label));
  return [
    ...told,
    ...lost.map((template) => ({
      line: { row, template, status: 'failed' as const },
      shard,
      isLost: true,
    })),
  ];
}

/**
 * The documents of a row that were tried, by their template's label: of each the newest that was made, else
 * what became of it last.
 * @throws ObjectMissing
 */
export async function outcomesOfRow(
  ports: ReadPorts,
  task: TaskItem,
  row: number,
): Promise<ReadonlyMap<string, DocumentOutcome>> {
  const own = await shardOfRow(ports, task.taskId, row);
  const shards = [
    ...(own ? [{ shard: own, position: row }] : []),
    ...(await retriedShardsOfRow(ports, task, row)),
  ];
  const newest = new Map<string, DocumentOutcome>();
  for (const holding of shards) {
    for (const outcome of await toldBy(ports, task, holding, row)) {
      const { template, status } = outcome.line;
      const isOlderKept = newest.get(template)?.line.status === 'succeeded';
      if (status === 'succeeded' || !isOlderKept) newest.set(template, outcome);
    }
  }
  return newest;
}

/** Why a document of the row was not made. */
export async function failureOf(
  ports: ReadPorts,
  { line: { row, template }, shard, isLost }: DocumentOutcome,
): Promise<FailureLine | undefined> {
  if (isLost) return { row, template, ...failureOfShard(shard) };
  const last = shard.segments.at(-1);
  const lines = last ? await linesOf(row, failureLines(ports, last)) : [];
  return lines.find((line) => line.template === template);
}
