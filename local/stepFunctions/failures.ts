/** The ways in which a state, an execution or a definition can go wrong. */
import type { JsonObject } from './json.ts';

/**
 * A failure as Amazon States Language sees it: a name that Retry and Catch match, and a cause.
 * `cause` is undefined where Step Functions gives none (a timeout).
 */
export class WorkflowFailure extends Error {
  readonly error: string;
  readonly reason: string | undefined;

  constructor(error: string, reason?: string) {
    super(reason === undefined ? error : `${error}: ${reason}`);
    this.name = 'WorkflowFailure';
    this.error = error;
    this.reason = reason;
  }
}

/** What SendTaskFailure tells without an error: a Catch sees null for what is not told. */
export class UnnamedFailure extends WorkflowFailure {
  constructor(reason: string | undefined) {
    super('', reason);
    this.name = 'UnnamedFailure';
  }
}

/**
 * What the interpreter itself finds wrong while it works on a state, such as a path that leads
 * nowhere. Its cause is told with the state's name and the event that entered it, as Step Functions
 * does; that is added where both are known (flow.ts).
 */
export class RuntimeFailure extends WorkflowFailure {
  constructor(reason: string, error = 'States.Runtime') {
    super(error, reason);
    this.name = 'RuntimeFailure';
  }
}

/** More than 256 KiB; `source` is a state's name, 'lambda' or the ARN of a function. */
export function dataLimitExceeded(source: string): WorkflowFailure {
  return new WorkflowFailure(
    'States.DataLimitExceeded',
    `The state/task '${source}' returned a result with a size exceeding the maximum number of bytes service limit.`,
  );
}

/** The value that a Catch hands on (Amazon States Language, "Error Output"). */
export function errorOutput(failure: WorkflowFailure): JsonObject {
  const { error, reason } = failure;
  return failure instanceof UnnamedFailure
    ? { Error: null, Cause: reason ?? null }
    : { Error: error, Cause: reason ?? '' };
}

/** Error and cause of an event; each is left out where there is none. */
export function failureDetails({ error, reason }: WorkflowFailure): JsonObject {
  return { ...(error !== '' && { error }), ...(reason !== undefined && { cause: reason }) };
}

/** Why a flow must end where it stands. */
export type InterruptReason =
  /** StopExecution, or the execution's own time is up: its history is closed already. */
  | 'ended'
  /** Another branch or iteration has failed. */
  | 'sibling failed'
  /** A child execution outlived its 5 minutes. */
  | 'timed out'
  /** The engine shuts down; a later engine goes on from the journal. */
  | 'engine closed';

/** Unwinds a flow that was told to end; neither retried nor caught nor recorded as a failure. */
export class Interrupted extends Error {
  readonly reason: InterruptReason;

  constructor(reason: InterruptReason) {
    super(`The flow was interrupted: ${reason}.`);
    this.name = 'Interrupted';
    this.reason = reason;
  }
}

/** A definition that the interpreter does not know how to run exactly: the start stops with it. */
export class DefinitionFault extends Error {
  constructor(where: string, fault: string) {
    super(`${where}: ${fault}`);
    this.name = 'DefinitionFault';
  }
}

/** An answer of the Step Functions API that is an error; `code` is the exception's name. */
export class ServiceFault extends Error {
  readonly code: string;
  /** Of the HTTP answer. */
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.status = status;
    this.name = 'ServiceFault';
    this.code = code;
  }
}
