/**
 * What an execution leaves on disk: a folder with a journal (how it began, its history), the files of
 * its Map Runs, and, once it has ended, how it ended.
 */
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { fileNameFor, writeWhole } from '../files.ts';
import { HistoryRecordSchema, applyRecord, eventDetailsKey } from '../history.ts';
import type { HistoryEvent, Positions } from '../history.ts';
import { openJournal, scanJournal } from '../../disk/journal.ts';
import type { Journal } from '../../disk/journal.ts';
import { parseJson } from '../json.ts';

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
const endFile = (folder: string) => join(folder, 'end.json');

/** The folder of an execution, whether it is there or not. */
export function executionFolder(dataDir: string, machineName: string, name: string): string {
  return join(dataDir, fileNameFor(machineName), fileNameFor(name));
}

/** The folders of all executions. */
export function executionFolders(dataDir: string): string[] {
  mkdirSync(dataDir, { recursive: true });
  const foldersIn = (parent: string) =>
    readdirSync(parent, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(parent, entry.name));
  return foldersIn(dataDir).flatMap(foldersIn);
}

/** Begins an execution's journal; when this returns, a later engine will find the execution. */
export function createExecution(folder: string, start: Omit<ExecutionStart, 'kind'>): Journal {
  // What a kill between making the folder and writing its first line has left.
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const journal = openJournal(journalFile(folder), 0);
  journal.append({ kind: 'execution', ...start });
  return journal;
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
  if (!existsSync(endFile(folder))) return undefined;
  return EndSchema.parse(parseJson(readFileSync(endFile(folder), 'utf8')));
}

/** Notes for good how the execution ended. */
export function writeEnd(folder: string, end: ExecutionEnd): void {
  writeWhole(endFile(folder), JSON.stringify(end));
}

/** Opens the journal of an execution that was interrupted, with where its flows stood. */
export function reopenExecution(folder: string): {
  journal: Journal;
  positions: Positions;
  lastEventId: number;
  /** When the end was recorded, but not yet noted for good. */
  end: ExecutionEnd | undefined;
} {
  const positions: Positions = new Map();
  let lastEventId = 0;
  let end: ExecutionEnd | undefined;
  const valid = scanJournal(journalFile(folder), RecordSchema, (record) => {
    if (record.kind === 'execution') return;
    applyRecord(positions, record);
    if (record.kind === 'event') {
      lastEventId = record.event.id;
      end = endOf(record.event) ?? end;
    }
  });
  return { journal: openJournal(journalFile(folder), valid), positions, lastEventId, end };
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
