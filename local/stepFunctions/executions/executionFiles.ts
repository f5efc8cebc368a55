/**
 * What an execution leaves on disk: a folder with a journal (how it began, its history, whose last
 * event tells how it ended) and the files of its Map Runs.
 */
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { fileNameFor } from '../files.ts';
import { HistoryRecordSchema, applyRecord, eventDetailsKey } from '../history.ts';
import type { HistoryEvent, Positions } from '../history.ts';
import { lastRecord, openJournal, scanJournal } from '../../disk/journal.ts';
import type { Journal } from '../../disk/journal.ts';

const StartSchema = z.object({
  kind: z.literal('execution'),
  arn: z.string(),
  name: z.string(),
  stateMachineArn: z.string(),
  roleArn: z.string(),
  /** As it was at the start: an execution keeps its definition when the state machine changes. */
  definition: z.unknown(),
  /** JSON text, as given. */
  input: z.string(),
  /** Milliseconds since 1970. */
  startedAt: z.number(),
});
/** How an execution began. */
export type ExecutionStart = z.infer<typeof StartSchema>;

const EndSchema = z.object({
  status: z.enum(['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED']),
  /** Milliseconds since 1970. */
  endedAt: z.number(),
  /** JSON text. */
  output: z.string().optional(),
  error: z.string().optional(),
  cause: z.string().optional(),
});
/** How an execution ended. */
export type ExecutionEnd = z.infer<typeof EndSchema>;
export type EndStatus = ExecutionEnd['status'];

const RecordSchema = z.union([StartSchema, HistoryRecordSchema]);

/** The event that ends an execution, by its status. */
export const END_EVENTS = {
  SUCCEEDED: 'ExecutionSucceeded',
  FAILED: 'ExecutionFailed',
  TIMED_OUT: 'ExecutionTimedOut',
  ABORTED: 'ExecutionAborted',
} as const satisfies Record<EndStatus, string>;

const journalFile = (folder: string) => join(folder, 'journal.jsonl');

/** The folder of an execution, whether it is there or not. */
export function executionFolder(dataDir: string, machineName: string, name: string): string {
  return join(dataDir, fileNameFor(machineName), fileNameFor(name));
}

/** The folders of all executions; there is one for each state machine afterwards. */
export function executionFolders(dataDir: string, machineNames: readonly string[]): string[] {
  for (const name of machineNames) mkdirSync(join(dataDir, fileNameFor(name)), { recursive: true });
  const foldersIn = (parent: string) =>
    readdirSync(parent, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(parent, entry.name));
  return foldersIn(dataDir).flatMap(foldersIn);
}

/**
 * Begins an execution's journal; when this returns, a later engine will find the execution.
 * @param folder not there yet, within that of its state machine (executionFolders)
 */
export function createExecution(folder: string, start: Omit<ExecutionStart, 'kind'>): Journal {
  mkdirSync(folder);
  const journal = openJournal(journalFile(folder), 0);
  try {
    journal.append({ kind: 'execution', ...start });
    return journal;
  } catch (error) {
    // A full disk: the start was never answered, and its name stays free.
    journal.close();
    removeExecution(folder);
    throw error;
  }
}

/** How the execution began, or undefined when its first line was never written. */
export function readStart(folder: string): ExecutionStart | undefined {
  let start: ExecutionStart | undefined;
  scanJournal(journalFile(folder), RecordSchema, (record) => {
    if (record.kind === 'execution') start = record;
    return false;
  });
  return start;
}

/** How the execution ended, or undefined when it has not. */
export function readEnd(folder: string): ExecutionEnd | undefined {
  const last = lastRecord(journalFile(folder), RecordSchema);
  return last?.kind === 'event' ? endOf(last.event) : undefined;
}

/** Opens the journal of an execution that was interrupted, with where its flows stood. */
export function reopenExecution(folder: string): {
  journal: Journal;
  positions: Positions;
  lastEventId: number;
} {
  const positions: Positions = new Map();
  let lastEventId = 0;
  const valid = scanJournal(journalFile(folder), RecordSchema, (record) => {
    if (record.kind === 'execution') return;
    applyRecord(positions, record);
    if (record.kind === 'event') lastEventId = record.event.id;
  });
  return { journal: openJournal(journalFile(folder), valid), positions, lastEventId };
}

const EndDetailsSchema = EndSchema.pick({ output: true, error: true, cause: true });

function endOf(event: HistoryEvent): ExecutionEnd | undefined {
  const status = EndSchema.shape.status.options.find((option) => END_EVENTS[option] === event.type);
  if (!status) return undefined;
  const details = event[eventDetailsKey(event.type)] ?? {};
  return { status, endedAt: event.timestamp, ...EndDetailsSchema.parse(details) };
}

/** Reads the history in its order, until `visit` returns false. */
export function scanEvents(folder: string, visit: (event: HistoryEvent) => boolean | void): void {
  scanJournal(journalFile(folder), RecordSchema, (record) =>
    record.kind === 'event' ? visit(record.event) : true,
  );
}

/** Forgets an execution with everything it has left. */
export function removeExecution(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

/** The names of the files in an execution's folder. */
export function fileNames(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}
