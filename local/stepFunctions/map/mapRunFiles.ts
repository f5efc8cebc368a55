/**
 * What a Map Run leaves in its execution's folder: a journal of its children, from which a later
 * engine goes on, and a summary once it has ended.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { writeWhole } from '../files.ts';
import { HistoryRecordSchema, applyRecord } from '../history.ts';
import type { HistoryRecord, Positions } from '../history.ts';
import { openJournal, scanJournal } from '../../disk/journal.ts';
import type { RecordPlace } from '../../disk/journal.ts';
import { parseJson } from '../json.ts';
import { countEnded, countStarted, newCounts } from './mapCounts.ts';
import type { ChildStatus } from './mapCounts.ts';

const CountsSchema = z.object({
  pending: z.int(),
  running: z.int(),
  succeeded: z.int(),
  failed: z.int(),
  timedOut: z.int(),
  aborted: z.int(),
  total: z.int(),
  resultsWritten: z.int(),
  failuresNotRedrivable: z.int(),
  pendingRedrive: z.int(),
});

/** A Map Run as DescribeMapRun tells it, with its times in milliseconds since 1970. */
const MapRunSummarySchema = z.object({
  mapRunArn: z.string(),
  executionArn: z.string(),
  stateMachineArn: z.string(),
  status: z.enum(['RUNNING', 'SUCCEEDED', 'FAILED', 'ABORTED']),
  startedAt: z.number(),
  endedAt: z.number().optional(),
  maxConcurrency: z.int(),
  toleratedFailurePercentage: z.number(),
  toleratedFailureCount: z.int(),
  itemCounts: CountsSchema,
  executionCounts: CountsSchema,
});
export type MapRunSummary = z.infer<typeof MapRunSummarySchema>;

const HeaderSchema = z.object({
  kind: z.literal('mapRun'),
  /** As it stood when the run began: everything pending. */
  summary: MapRunSummarySchema,
  /** MapItems.digest. */
  digest: z.string(),
});

const ChildRecordSchema = z.object({
  kind: z.literal('child'),
  index: z.int().min(0),
  name: z.string(),
  status: z.enum(['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED']),
  /** JSON texts. */
  input: z.string(),
  output: z.string().optional(),
  error: z.string().optional(),
  cause: z.string().optional(),
  /** Milliseconds since 1970. */
  startedAt: z.number(),
  endedAt: z.number(),
});
/** A child execution that has ended. */
export type ChildRecord = z.infer<typeof ChildRecordSchema>;

/** What UpdateMapRun sets; the rest stays as it was. */
const UpdateRecordSchema = z.object({
  kind: z.literal('update'),
  maxConcurrency: z.int().min(0).optional(),
  toleratedFailurePercentage: z.number().optional(),
  toleratedFailureCount: z.int().optional(),
});
export type MapRunUpdate = Omit<z.infer<typeof UpdateRecordSchema>, 'kind'>;

/** A step of a STANDARD child, which goes on from where it stood; an EXPRESS child begins anew. */
const StepRecordSchema = z.object({
  kind: z.literal('step'),
  index: z.int().min(0),
  record: HistoryRecordSchema,
});

const MapRunRecordSchema = z.discriminatedUnion('kind', [
  HeaderSchema,
  ChildRecordSchema,
  StepRecordSchema,
  UpdateRecordSchema,
]);

interface Steps {
  readonly positions: Positions;
  lastEventId: number;
}
const newSteps = (): Steps => ({ positions: new Map(), lastEventId: 0 });

const journalFile = (folder: string, id: string) => join(folder, `map-${id}.jsonl`);
const summaryFile = (folder: string, id: string) => join(folder, `map-${id}.json`);

export interface MapRunJournal {
  /** How the child has ended, or undefined when it has not. */
  statusOf(index: number): ChildStatus | undefined;
  /** The record of a child that has ended. */
  readChild(index: number): ChildRecord | undefined;
  writeChild(child: Omit<ChildRecord, 'kind'>): void;
  /** Where an interrupted STANDARD child stood that was not taken up again; told once. */
  takeSteps(index: number): Steps | undefined;
  /** Whether the child is one of these. */
  isInterrupted(index: number): boolean;
  writeStep(index: number, record: HistoryRecord): void;
  /** All that was updated so far, one over the other. */
  updates(): MapRunUpdate;
  writeUpdate(update: MapRunUpdate): void;
  close(): void;
}

/** Keeps the Map Runs of an execution over a restart. */
export interface MapRunStore {
  /** The journal of a Map Run, new or interrupted; undefined when it is of other items than `digest`. */
  open(
    id: string,
    run: { summary: MapRunSummary; digest: string; children: number },
  ): MapRunJournal | undefined;
  /** Notes for good how a Map Run has ended. */
  end(id: string, summary: MapRunSummary): void;
}

/** Keeps them in the execution's folder. */
export const mapRunStore = (folder: string): MapRunStore => ({
  open: (id, run) => openMapRunJournal(folder, id, run),
  end: (id, summary) => writeWhole(summaryFile(folder, id), JSON.stringify(summary)),
});

/**
 * Opens the journal of a Map Run, new or interrupted. Memory: 20 bytes a child, whatever its result.
 * @returns undefined when the journal is of other items than `digest`
 */
function openMapRunJournal(
  folder: string,
  id: string,
  { summary, digest, children }: Parameters<MapRunStore['open']>[1],
): MapRunJournal | undefined {
  const file = journalFile(folder, id);
  const statuses = new Array<ChildStatus | undefined>(children);
  const offsets = new Float64Array(children);
  const lengths = new Uint32Array(children);
  const steps = new Map<number, Steps>();
  const note = ({ index, status }: Pick<ChildRecord, 'index' | 'status'>, place: RecordPlace) => {
    statuses[index] = status;
    offsets[index] = place.offset;
    lengths[index] = place.length;
    steps.delete(index);
  };
  let updated: MapRunUpdate = {};
  let foundDigest: string | undefined;
  const valid = scanJournal(file, MapRunRecordSchema, (record, place) => {
    if (record.kind === 'mapRun') foundDigest = record.digest;
    else if (record.kind === 'child') note(record, place);
    else if (record.kind === 'update') updated = updatedBy(updated, record);
    else {
      const child = steps.get(record.index) ?? newSteps();
      applyRecord(child.positions, record.record);
      if (record.record.kind === 'event') child.lastEventId = record.record.event.id;
      steps.set(record.index, child);
    }
  });
  if (foundDigest !== undefined && foundDigest !== digest) return undefined;
  const journal = openJournal(file, valid);
  let open = true;
  if (foundDigest === undefined) journal.append({ kind: 'mapRun', summary, digest });
  return {
    statusOf: (index) => statuses[index],
    readChild(index) {
      if (statuses[index] === undefined) return undefined;
      const text = journal.readAt({ offset: offsets[index] ?? 0, length: lengths[index] ?? 0 });
      return ChildRecordSchema.parse(parseJson(text));
    },
    writeChild(child) {
      if (open) note(child, journal.append({ kind: 'child', ...child }));
    },
    takeSteps(index) {
      const child = steps.get(index);
      steps.delete(index);
      return child;
    },
    isInterrupted: (index) => steps.has(index),
    writeStep(index, record) {
      if (open) journal.append({ kind: 'step', index, record });
    },
    updates: () => updated,
    writeUpdate(update) {
      if (!open) return;
      journal.append({ kind: 'update', ...update });
      updated = updatedBy(updated, update);
    },
    close() {
      open = false;
      journal.close();
    },
  };
}

/** What an update names is its; the rest stays. */
export function updatedBy<T extends MapRunUpdate>(
  before: T,
  { maxConcurrency, toleratedFailurePercentage, toleratedFailureCount }: MapRunUpdate,
): T {
  return {
    ...before,
    ...(maxConcurrency !== undefined && { maxConcurrency }),
    ...(toleratedFailurePercentage !== undefined && { toleratedFailurePercentage }),
    ...(toleratedFailureCount !== undefined && { toleratedFailureCount }),
  };
}

/**
 * A Map Run that is not running in this process: as it ended, or as far as its journal goes.
 * @returns undefined when there is none with the id in the folder
 */
export function readMapRunSummary(folder: string, id: string): MapRunSummary | undefined {
  const file = summaryFile(folder, id);
  if (existsSync(file)) return MapRunSummarySchema.parse(parseJson(readFileSync(file, 'utf8')));
  if (!existsSync(journalFile(folder, id))) return undefined;
  let summary: MapRunSummary | undefined;
  scanJournal(journalFile(folder, id), MapRunRecordSchema, (record) => {
    if (record.kind === 'mapRun') summary = record.summary;
    if (record.kind === 'update' && summary) summary = updatedBy(summary, record);
    if (record.kind !== 'child' || !summary) return;
    countStarted(summary);
    countEnded(summary, record.status);
  });
  return summary;
}

/** Ids of the Map Runs that have left files in the folder. */
export function mapRunIds(fileNames: readonly string[]): string[] {
  const ids = fileNames.map((name) => /^map-([0-9a-f-]{36})\.jsonl?$/.exec(name)?.[1]);
  return [...new Set(ids.filter((id) => id !== undefined))];
}

/** The summary of a Map Run that begins. */
export function newMapRunSummary(
  facts: Omit<MapRunSummary, 'status' | 'itemCounts' | 'executionCounts'>,
): MapRunSummary {
  return { ...facts, status: 'RUNNING', itemCounts: newCounts(0), executionCounts: newCounts(0) };
}
