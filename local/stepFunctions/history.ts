/**
 * The history of an execution, which is also its memory: from the events (and two marks beside them)
 * a later engine finds where every flow of the execution stood.
 */
import { z } from 'zod';
import { UnnamedFailure, WorkflowFailure } from './failures.ts';
import { parseJson } from './json.ts';
import type { Json, JsonObject } from './json.ts';
import { MAX_HISTORY_EVENTS } from './limits.ts';

/** An event as GetExecutionHistory tells it, but for its time, which is in milliseconds here. */
export const HistoryEventSchema = z.looseObject({
  id: z.int().min(1),
  previousEventId: z.int().min(0),
  timestamp: z.number(),
  type: z.string(),
});
export type HistoryEvent = z.infer<typeof HistoryEventSchema>;

/**
 * `scope` names the flow within the execution: '' is the machine's own; a branch or an iteration has
 * a scope that no other visit of its state shares; 'execution' is for its beginning and its end.
 */
const EventRecordSchema = z.object({
  kind: z.literal('event'),
  scope: z.string(),
  event: HistoryEventSchema,
  /** Of an event that leaves a state: the state that follows, null at the end of the flow. */
  next: z.string().nullish(),
});
/** A failed attempt of the state that the flow is in; another follows at `until`. */
const RetryRecordSchema = z.object({
  kind: z.literal('retry'),
  scope: z.string(),
  /** Retries made so far, by retrier. */
  used: z.array(z.int()),
  /** Milliseconds since 1970. */
  until: z.number(),
});
export const HistoryRecordSchema = z.discriminatedUnion('kind', [
  EventRecordSchema,
  RetryRecordSchema,
]);
export type HistoryRecord = z.infer<typeof HistoryRecordSchema>;

/** Whether Step Functions counts the record as a transition: a state is entered, or tried again. */
export const isTransition = (record: HistoryRecord): boolean =>
  record.kind === 'retry' || record.event.type.endsWith('StateEntered');

/** Where a flow stands. */
export interface Position {
  lastEventId: number;
  /** The state that was left last, with what follows. */
  left?: { next: string | null; output: Json };
  /** The state that was entered and not left. */
  entered?: EnteredState;
}
export interface EnteredState {
  readonly name: string;
  readonly input: Json;
  readonly eventId: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Retries made so far, by retrier. */
  used: number[];
  /** When the next attempt is due, while one is waited for. */
  retryAt?: number;
  /** The Map Run of the present attempt. */
  mapRunArn?: string;
  /** What the present attempt came to, of a task. */
  task?: EnteredTask;
}

/** How a task that waited for its token ended. */
export type TaskEnd = { readonly output: Json } | { readonly failure: WorkflowFailure };

/** A task as far as an earlier engine came with it. */
export interface EnteredTask {
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** Whether its function has taken the token, and need not be invoked again. */
  readonly isSubmitted: boolean;
  readonly end?: TaskEnd;
}

/** Positions by scope. */
export type Positions = Map<string, Position>;

const EnteredSchema = z.object({
  stateEnteredEventDetails: z.object({ name: z.string(), input: z.string() }),
});
const ExitedSchema = z.object({ stateExitedEventDetails: z.object({ output: z.string() }) });
const MapRunSchema = z.object({ mapRunStartedEventDetails: z.object({ mapRunArn: z.string() }) });

const TaskSucceededSchema = z.object({
  taskSucceededEventDetails: z.object({ output: z.string() }),
});
const TaskFailedSchema = z.object({
  taskFailedEventDetails: z.object({ error: z.string().optional(), cause: z.string().optional() }),
});

/** What an event of a task adds to what is known of it. */
function taskAfter(task: EnteredTask | undefined, event: HistoryEvent): EnteredTask | undefined {
  if (event.type === 'TaskStarted') return { startedAt: event.timestamp, isSubmitted: false };
  if (!task) return undefined;
  switch (event.type) {
    case 'TaskSubmitted':
      return { ...task, isSubmitted: true };
    case 'TaskSucceeded': {
      const { output } = TaskSucceededSchema.parse(event).taskSucceededEventDetails;
      return { ...task, end: { output: parseJson(output) } };
    }
    case 'TaskFailed': {
      const { error, cause } = TaskFailedSchema.parse(event).taskFailedEventDetails;
      const failure =
        error === undefined ? new UnnamedFailure(cause) : new WorkflowFailure(error, cause);
      return { ...task, end: { failure } };
    }
    case 'TaskTimedOut':
      return { ...task, end: { failure: new WorkflowFailure('States.Timeout') } };
    default:
      return task;
  }
}

/** Brings the positions up to date with a record; records come in the order they were written. */
export function applyRecord(positions: Positions, record: HistoryRecord): void {
  const position = positions.get(record.scope) ?? { lastEventId: 0 };
  positions.set(record.scope, position);
  if (record.kind === 'retry') {
    if (!position.entered) return;
    position.entered.used = record.used;
    position.entered.retryAt = record.until;
    delete position.entered.mapRunArn;
    delete position.entered.task;
    return;
  }
  const { event } = record;
  position.lastEventId = event.id;
  if (event.type.endsWith('StateEntered')) {
    const { name, input } = EnteredSchema.parse(event).stateEnteredEventDetails;
    delete position.left;
    position.entered = {
      name,
      input: parseJson(input),
      eventId: event.id,
      at: event.timestamp,
      used: [],
    };
  } else if (event.type.endsWith('StateExited')) {
    const { output } = ExitedSchema.parse(event).stateExitedEventDetails;
    delete position.entered;
    position.left = { next: record.next ?? null, output: parseJson(output) };
  } else if (event.type === 'MapRunStarted' && position.entered) {
    position.entered.mapRunArn = MapRunSchema.parse(event).mapRunStartedEventDetails.mapRunArn;
  } else if (position.entered) {
    const task = taskAfter(position.entered.task, event);
    if (task) position.entered.task = task;
  }
}

/** `TaskFailed` has its details in `taskFailedEventDetails`, and so on. */
export const eventDetailsKey = (type: string) =>
  `${type.charAt(0).toLowerCase()}${type.slice(1)}EventDetails`;

/** The details of an event, under their key. */
export const eventDetails = (type: string, details: JsonObject): JsonObject => ({
  [eventDetailsKey(type)]: details,
});

/** Takes down what happens in an execution. */
export interface Recorder {
  /**
   * Records an event.
   * @param next of an event that leaves a state: what follows, null at the end of the flow
   * @returns its id
   * @throws {WorkflowFailure} when the history is full
   */
  event(entry: {
    scope: string;
    previousEventId: number;
    type: string;
    details?: JsonObject;
    next?: string | null;
  }): number;
  /** Records that the state the flow is in will be tried again. */
  retry(entry: { scope: string; used: readonly number[]; until: number }): void;
  /** What was recorded is kept over a kill from now on: to be called before anything is done by it. */
  commit(): void;
  /** Where the flow stood when the engine before this one was stopped. */
  position(scope: string): Position | undefined;
  /**
   * Records the event that ends the execution, even when the history is full; it is the last.
   * @param previousEventId by default the event that was recorded last
   */
  end(type: string, details: JsonObject, previousEventId?: number): void;
  /** Whatever happens from now on leaves no trace. */
  close(): void;
}

/** A recorder that hands its records to `append`; without one it only counts. */
export function createRecorder({
  now,
  append,
  commit = () => undefined,
  positions = new Map(),
  lastEventId = 0,
}: {
  now: () => number;
  append?: (record: HistoryRecord) => void;
  /** Default: `append` keeps each record by itself. */
  commit?: () => void;
  positions?: Positions;
  lastEventId?: number;
}): Recorder {
  let last = lastEventId;
  let open = true;
  const write = (
    scope: string,
    previousEventId: number,
    type: string,
    details: JsonObject | undefined,
    next: string | null | undefined,
  ) => {
    last += 1;
    append?.({
      kind: 'event',
      scope,
      event: { id: last, previousEventId, timestamp: now(), type, ...details },
      ...(next !== undefined && { next }),
    });
    return last;
  };
  return {
    event({ scope, previousEventId, type, details, next }) {
      if (!open) return last;
      if (last + 1 >= MAX_HISTORY_EVENTS) {
        throw new WorkflowFailure(
          'States.Runtime',
          `The execution reached the maximum number of history events (${MAX_HISTORY_EVENTS}).`,
        );
      }
      return write(scope, previousEventId, type, details, next);
    },
    retry({ scope, used, until }) {
      if (open) append?.({ kind: 'retry', scope, used: [...used], until });
    },
    commit,
    position: (scope) => positions.get(scope),
    end(type, details, previousEventId = last) {
      if (open) write('execution', previousEventId, type, details, undefined);
      open = false;
    },
    close() {
      open = false;
    },
  };
}
