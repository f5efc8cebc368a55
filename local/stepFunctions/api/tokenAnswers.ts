/** Answers to task tokens. What is refused, and how, is as recorded from Step Functions. */
import type { Executions } from '../executions/executions.ts';
import { ServiceFault, UnnamedFailure, WorkflowFailure } from '../failures.ts';
import { parseJson } from '../json.ts';
import type { Json } from '../json.ts';
import type { LiveMapRuns } from '../map/distributedMap.ts';
import { readToken } from '../taskTokens.ts';
import type { TokenPlace, WaitingTask, WaitingTasks } from '../taskTokens.ts';

export interface TokenAnswers {
  /** Whose permission an answer needs. @throws {ServiceFault} InvalidToken */
  machineOf(token: string): string;
  /** @throws {ServiceFault} InvalidOutput, TaskTimedOut, TaskDoesNotExist */
  succeed(token: string, output: string): void;
  /** @throws {ServiceFault} TaskTimedOut, TaskDoesNotExist */
  fail(token: string, error: string | undefined, cause: string | undefined): void;
  /** Says that the task is worked on. @throws {ServiceFault} TaskTimedOut, TaskDoesNotExist */
  beat(token: string): void;
}

export function createTokenAnswers({
  executions,
  waiting,
  live,
}: {
  executions: Pick<Executions, 'standing'>;
  waiting: WaitingTasks;
  live: Pick<LiveMapRuns, 'summaries' | 'interrupted'>;
}): TokenAnswers {
  /** Whether a task may still wait that is not found: it was interrupted, and is about to be taken up again. */
  function isLeft({ executionArn, child }: TokenPlace): boolean {
    const standing = executions.standing(child?.executionArn ?? executionArn);
    if (standing === undefined) {
      throw new ServiceFault('TaskDoesNotExist', "Task Does Not Exist: 'Invalid token'");
    }
    if (standing !== 'running') return standing === 'left';
    if (!child || !live.summaries.has(child.mapRunArn)) return false;
    return live.interrupted.get(child.mapRunArn)?.(child.index) ?? true;
  }

  function taskOf(token: string): WaitingTask {
    const task = waiting.find(token);
    if (task) return task;
    if (isLeft(readToken(token))) {
      throw new ServiceFault('ServiceUnavailable', 'The task is being taken up. Try again.', 503);
    }
    throw over();
  }

  const over = () =>
    new ServiceFault('TaskTimedOut', "Task Timed Out: 'Provided task does not exist anymore'");

  return {
    machineOf: (token) => readToken(token).machineArn,
    succeed(token, text) {
      let output: Json;
      try {
        output = parseJson(text);
      } catch {
        throw new ServiceFault('InvalidOutput', "Invalid Output: 'The output is not valid JSON.'");
      }
      if (!taskOf(token).end({ output })) throw over();
    },
    fail(token, error, cause) {
      const failure =
        error === undefined ? new UnnamedFailure(cause) : new WorkflowFailure(error, cause);
      if (!taskOf(token).end({ failure })) throw over();
    },
    beat: (token) => void taskOf(token),
  };
}
