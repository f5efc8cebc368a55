/** What became of every document, page by page, from what the shards wrote. */
import { readFailures, readManifest } from '../archive/segmentReader.ts';
import type { Ports } from '../ports.ts';
import { Problem } from '../problems.ts';
import type { Page, PageQuery } from '../schemas/common.ts';
import type { ShardItem, TaskItem } from '../schemas/items.ts';
import type { DocumentView, FailureView, ListDocumentsQuery } from '../schemas/taskApi.ts';
import { failureOfShard } from './shardFailure.ts';
import { loadOwnedTask, shardsOf } from './taskStore.ts';

type ReadPorts = Pick<Ports, 'table' | 'objects'>;

/** Every document of a shard that failed as a whole. */
function* documentsOfFailedShard(task: TaskItem, shard: ShardItem) {
  for (let row = shard.firstRow; row < shard.firstRow + shard.rowCount; row++) {
    for (const { label } of task.templates) yield { row, template: label };
  }
}

async function documentsOf(
  ports: ReadPorts,
  task: TaskItem,
  shard: ShardItem,
): Promise<DocumentView[]> {
  if (shard.segment) {
    const lines = await readManifest(ports, shard.segment);
    return lines.map((line) => ({
      row: line.row,
      template: line.template,
      name: line.status === 'succeeded' ? line.document : null,
      status: line.status,
      bytes: line.status === 'succeeded' ? line.bytes : null,
    }));
  }
  if (shard.status !== 'failed') return [];
  return Array.from(documentsOfFailedShard(task, shard), (document) => ({
    ...document,
    name: null,
    status: 'failed' as const,
    bytes: null,
  }));
}

async function failuresOf(
  ports: ReadPorts,
  task: TaskItem,
  shard: ShardItem,
): Promise<FailureView[]> {
  if (shard.segment) {
    const lines = await readFailures(ports, shard.segment);
    return lines.map(({ row, template, code, tag, column, detail }) => ({
      row,
      template,
      code,
      tag: tag ?? null,
      column: column ?? null,
      detail,
    }));
  }
  if (shard.status !== 'failed') return [];
  const { code, detail } = failureOfShard(shard);
  return Array.from(documentsOfFailedShard(task, shard), (document) => ({
    ...document,
    code,
    tag: null,
    column: null,
    detail,
  }));
}

/** A place in the reports: the shard, and how many of its lines were shown. */
interface Place {
  readonly shard: number;
  readonly line: number;
}

const CURSOR = /^(\d{1,9})\.(\d{1,9})$/;

function parsePlace(cursor: string | undefined): Place {
  if (cursor === undefined) return { shard: 0, line: 0 };
  const [, shard, line] = CURSOR.exec(cursor) ?? [];
  if (shard === undefined || line === undefined) {
    const detail = 'The cursor is not one of ours. Use nextCursor of the page before.';
    throw new Problem('VALIDATION_ERROR', detail, { errors: [{ pointer: '/cursor', detail }] });
  }
  return { shard: Number(shard), line: Number(line) };
}

/** One page of lines over all shards that may have some, in the order of rows. */
async function pageOf<T>(
  ports: ReadPorts,
  task: TaskItem,
  query: PageQuery,
  source: {
    mayHave(shard: ShardItem): boolean;
    lines(shard: ShardItem): Promise<readonly T[]>;
    wanted(line: T): boolean;
  },
): Promise<Page<T>> {
  const from = parsePlace(query.cursor);
  const data: T[] = [];
  for await (const shard of shardsOf(ports, task.taskId)) {
    if (shard.shard < from.shard || !source.mayHave(shard)) continue;
    const lines = await source.lines(shard);
    for (let i = shard.shard === from.shard ? from.line : 0; i < lines.length; i++) {
      const line = lines[i];
      if (line === undefined || !source.wanted(line)) continue;
      if (data.length === query.limit) return { data, nextCursor: `${shard.shard}.${i}` };
      data.push(line);
    }
  }
  return { data, nextCursor: null };
}

/**
 * The documents of the shards that have ended, in the order of rows.
 * @throws Problem TASK_NOT_FOUND, VALIDATION_ERROR (cursor)
 */
export async function listDocuments(
  ports: ReadPorts,
  ownerId: string,
  taskId: string,
  query: ListDocumentsQuery,
): Promise<Page<DocumentView>> {
  const task = await loadOwnedTask(ports, ownerId, taskId);
  const { status } = query;
  return pageOf(ports, task, query, {
    mayHave: ({ counts }) => counts !== undefined && (status === undefined || counts[status] > 0),
    lines: (shard) => documentsOf(ports, task, shard),
    wanted: (document) => status === undefined || document.status === status,
  });
}

/**
 * Why documents failed, in the order of rows.
 * @throws Problem TASK_NOT_FOUND, VALIDATION_ERROR (cursor)
 */
export async function listFailures(
  ports: ReadPorts,
  ownerId: string,
  taskId: string,
  query: PageQuery,
): Promise<Page<FailureView>> {
  const task = await loadOwnedTask(ports, ownerId, taskId);
  return pageOf(ports, task, query, {
    mayHave: ({ counts }) => (counts?.failed ?? 0) > 0,
    lines: (shard) => failuresOf(ports, task, shard),
    wanted: () => true,
  });
}
