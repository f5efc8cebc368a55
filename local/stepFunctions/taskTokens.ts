/**
 * Task tokens: which visit of which state one belongs to, and who waits for its answer. A token says that by itself, so
 * that nothing is kept for it, and a later engine knows the tokens that an earlier one gave out.
 */
import { z } from 'zod';
import { ServiceFault } from './failures.ts';
import { parseJson } from './json.ts';
import type { TaskEnd } from './history.ts';

/** Where a child of a map belongs to. */
export interface ChildPlace {
  /** The execution that the map is in. */
  readonly executionArn: string;
  readonly mapRunArn: string;
  /** Of the child, from 0. */
  readonly index: number;
}

const TokenSchema = z.tuple([
  /** Execution, flow within it, event that entered the state, and attempt. */
  z.string(),
  z.string(),
  z.int().min(1),
  z.int().min(0),
  /** Of a child of a map: its execution's, the Map Run, and the number of the child. */
  z.tuple([z.string(), z.string(), z.int().min(0)]).nullable(),
]);

/** What a token says. */
export interface TokenPlace {
  readonly executionArn: string;
  readonly child: ChildPlace | undefined;
  /** The state machine that permissions are asked for; of a child `…:stateMachine:NAME/LABEL`. */
  readonly machineArn: string;
}

/** The token of one attempt at a state of a flow. */
export function writeToken(
  executionArn: string,
  at: { scope: string; enteredEventId: number; attempt: number },
  child: ChildPlace | undefined,
): string {
  const place: z.infer<typeof TokenSchema> = [
    executionArn,
    at.scope,
    at.enteredEventId,
    at.attempt,
    child ? [child.executionArn, child.mapRunArn, child.index] : null,
  ];
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

const invalidToken = () => new ServiceFault('InvalidToken', "Invalid Token: 'Invalid token'");

/** @throws {ServiceFault} InvalidToken */
export function readToken(token: string): TokenPlace {
  let value: unknown;
  try {
    value = parseJson(Buffer.from(token, 'base64url').toString('utf8'));
  } catch {
    throw invalidToken();
  }
  const read = TokenSchema.safeParse(value);
  const [, prefix, machine] = /^(arn:[^:]+:states:[^:]+:\d+):execution:([^:]+):/.exec(
    read.data?.[0] ?? '',
  ) ?? [undefined, undefined, undefined];
  if (!read.success || prefix === undefined || machine === undefined) throw invalidToken();
  const [executionArn, , , , child] = read.data;
  return {
    executionArn,
    machineArn: `${prefix}:stateMachine:${machine}`,
    child: child ? { executionArn: child[0], mapRunArn: child[1], index: child[2] } : undefined,
  };
}

/** A task that waits in this process. */
export interface WaitingTask {
  /** Ends the wait; what was recorded of it is kept. @returns false when it has ended already */
  end(how: TaskEnd): boolean;
}

/** The tasks that wait in this process, by token. */
export interface WaitingTasks {
  /** @returns to be called when it waits no more */
  add(token: string, task: WaitingTask): () => void;
  find(token: string): WaitingTask | undefined;
}

export function createWaitingTasks(): WaitingTasks {
  const tasks = new Map<string, WaitingTask>();
  return {
    add(token, task) {
      tasks.set(token, task);
      return () => void tasks.delete(token);
    },
    find: (token) => tasks.get(token),
  };
}
