/**
 * The Step Functions API over AWS JSON 1.0, for the operations of names below: requests and answers
 * as the AWS SDKs and the AWS command line write and read them.
 */
import { z } from 'zod';
import type { Log } from '../../../shared/ports.ts';
import { isExecutionArn, parseMachineArn } from '../arns.ts';
import { scanEvents } from '../executions/executionFiles.ts';
import type { Executions, Machine } from '../executions/executions.ts';
import { ServiceFault } from '../failures.ts';
import { parseJson } from '../json.ts';
import { STATE_BYTES_MAX } from '../../../shared/limits.ts';
import type { MapRunQueries } from '../map/mapRunQueries.ts';
import type { TokenAnswers } from './tokenAnswers.ts';
import {
  describedExecution,
  describedMachine,
  describedMapRun,
  listedExecution,
  listedMachine,
  listedMapRun,
  seconds,
  toldEvent,
} from './shapes.ts';

/** An HTTP answer. */
export interface ServiceAnswer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** Says whether the caller may do `action`, such as states:StartExecution, on the resource. */
export type Authorize = (action: string, resourceArn: string) => boolean | Promise<boolean>;

interface Backend {
  readonly machines: ReadonlyMap<string, Machine>;
  readonly executions: Executions;
  readonly mapRuns: MapRunQueries;
  readonly tokens: TokenAnswers;
  readonly requestId: () => string;
  readonly log: Log;
}

/** The prefix of X-Amz-Target. */
export const TARGET_PREFIX = 'AWSStepFunctions.';

const MAX_PAGE = 1_000;
const DEFAULT_PAGE = 100;

const paged = {
  maxResults: z.int().min(0).max(MAX_PAGE).optional(),
  nextToken: z.string().min(1).max(3096).optional(),
};
const taskToken = z.string().min(1).max(2_048);
const REQUESTS = {
  StartExecution: z.object({
    stateMachineArn: z.string(),
    name: z.string().optional(),
    input: z.string().optional(),
  }),
  DescribeExecution: z.object({ executionArn: z.string() }),
  StopExecution: z.object({
    executionArn: z.string(),
    error: z.string().max(256).optional(),
    cause: z.string().max(32_768).optional(),
  }),
  ListExecutions: z.object({
    stateMachineArn: z.string(),
    statusFilter: z.enum(['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED']).optional(),
    ...paged,
  }),
  GetExecutionHistory: z.object({
    executionArn: z.string(),
    reverseOrder: z.boolean().optional(),
    includeExecutionData: z.boolean().optional(),
    ...paged,
  }),
  DescribeStateMachine: z.object({ stateMachineArn: z.string() }),
  ListStateMachines: z.object(paged),
  ListMapRuns: z.object({ executionArn: z.string(), ...paged }),
  DescribeMapRun: z.object({ mapRunArn: z.string() }),
  UpdateMapRun: z.object({
    mapRunArn: z.string(),
    maxConcurrency: z.int().min(0).optional(),
    toleratedFailurePercentage: z.number().min(0).max(100).optional(),
    toleratedFailureCount: z.int().min(0).optional(),
  }),
  SendTaskSuccess: z.object({ taskToken, output: z.string().max(STATE_BYTES_MAX) }),
  SendTaskFailure: z.object({
    taskToken,
    error: z.string().max(256).optional(),
    cause: z.string().max(32_768).optional(),
  }),
  SendTaskHeartbeat: z.object({ taskToken }),
} as const;
type Operation = keyof typeof REQUESTS;
type Request<Name extends Operation> = z.infer<(typeof REQUESTS)[Name]>;

/** The resource that permission is asked for, and the answer. */
interface Handler<Name extends Operation> {
  resource(request: Request<Name>): string;
  answer(request: Request<Name>): unknown;
}

/**
 * Answers one request.
 * @param target the header X-Amz-Target
 */
export async function answerRequest(
  backend: Backend,
  target: string,
  body: string,
  authorize: Authorize,
): Promise<ServiceAnswer> {
  const headers = {
    'content-type': 'application/x-amz-json-1.0',
    'x-amzn-requestid': backend.requestId(),
  };
  try {
    const name = operationOf(target);
    const answer = await dispatch(backend, name, body, authorize);
    return { status: 200, headers, body: JSON.stringify(answer) };
  } catch (error) {
    const known = error instanceof ServiceFault;
    if (!known)
      backend.log.error('The workflow engine failed to answer.', { target, fault: String(error) });
    const fault = known
      ? { __type: error.code, message: error.message }
      : { __type: 'InternalFailure', message: 'The workflow engine failed; its log tells more.' };
    return { status: known ? error.status : 500, headers, body: JSON.stringify(fault) };
  }
}

function operationOf(target: string): Operation {
  const name = target.startsWith(TARGET_PREFIX) ? target.slice(TARGET_PREFIX.length) : '';
  if (Object.hasOwn(REQUESTS, name)) return name as Operation;
  throw new ServiceFault(
    'UnknownOperationException',
    `The local workflow engine does not know the operation ${name || target}.`,
  );
}

async function dispatch<Name extends Operation>(
  backend: Backend,
  name: Name,
  body: string,
  authorize: Authorize,
): Promise<unknown> {
  const request = readRequest(name, body);
  const handler: Handler<Name> = handlersOf(backend)[name];
  const action = `states:${name}`;
  const resource = handler.resource(request);
  if (!(await authorize(action, resource))) {
    throw new ServiceFault(
      'AccessDeniedException',
      `The caller is not authorized to perform: ${action} on resource: ${resource}`,
    );
  }
  return handler.answer(request);
}

function readRequest<Name extends Operation>(name: Name, body: string): Request<Name> {
  let value: unknown;
  try {
    value = parseJson(body === '' ? '{}' : body);
  } catch {
    throw new ServiceFault('SerializationException', 'The request is not valid JSON.');
  }
  const read = REQUESTS[name].safeParse(value);
  if (read.success) return read.data as Request<Name>;
  const faults = read.error.issues.map(
    ({ path, message }) => `Value at '${path.join('.')}' failed to satisfy constraint: ${message}`,
  );
  throw new ServiceFault(
    'ValidationException',
    `${faults.length} validation error${faults.length === 1 ? '' : 's'} detected: ${faults.join('; ')}`,
  );
}

function handlersOf({ machines, executions, mapRuns, tokens }: Backend): {
  [Name in Operation]: Handler<Name>;
} {
  const ofExecution = ({ executionArn }: { executionArn: string }) => executionArn;
  const ofMachine = ({ stateMachineArn }: { stateMachineArn: string }) => stateMachineArn;
  const machineOf = (arn: string): Machine => {
    const machine = machines.get(arn);
    if (machine) return machine;
    if (parseMachineArn(arn)) {
      throw new ServiceFault('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
    }
    throw new ServiceFault('InvalidArn', `Invalid Arn: '${arn}'`);
  };
  const known = (executionArn: string): string => {
    if (isExecutionArn(executionArn)) return executionArn;
    throw new ServiceFault('InvalidArn', `Invalid Arn: 'Invalid ARN prefix: ${executionArn}'`);
  };
  return {
    StartExecution: {
      resource: ofMachine,
      answer(request) {
        machineOf(request.stateMachineArn);
        const { executionArn, startedAt } = executions.start(request);
        return { executionArn, startDate: seconds(startedAt) };
      },
    },
    DescribeExecution: {
      resource: ofExecution,
      answer: ({ executionArn }) => describedExecution(executions.describe(known(executionArn))),
    },
    StopExecution: {
      resource: ofExecution,
      answer: ({ executionArn, ...details }) => ({
        stopDate: seconds(executions.stop(known(executionArn), details).endedAt),
      }),
    },
    ListExecutions: {
      resource: ofMachine,
      answer({ stateMachineArn, statusFilter, ...page }) {
        const { arn } = machineOf(stateMachineArn);
        const all = executions
          .list()
          .filter((execution) => execution.stateMachineArn === arn)
          .filter(({ status }) => !statusFilter || status === statusFilter);
        return pageOf('executions', all.map(listedExecution), page);
      },
    },
    GetExecutionHistory: {
      resource: ofExecution,
      answer({ executionArn, reverseOrder, includeExecutionData = true, ...page }) {
        const events: unknown[] = [];
        scanEvents(executions.folderOf(known(executionArn)), (event) => {
          events.push(toldEvent(event, includeExecutionData));
        });
        return pageOf('events', reverseOrder ? events.reverse() : events, page);
      },
    },
    DescribeStateMachine: {
      resource: ofMachine,
      answer: ({ stateMachineArn }) => describedMachine(machineOf(stateMachineArn)),
    },
    ListStateMachines: {
      resource: () => '*',
      answer: (page) => pageOf('stateMachines', [...machines.values()].map(listedMachine), page),
    },
    ListMapRuns: {
      resource: ofExecution,
      answer: ({ executionArn, ...page }) =>
        pageOf('mapRuns', mapRuns.list(known(executionArn)).map(listedMapRun), page),
    },
    DescribeMapRun: {
      resource: ({ mapRunArn }) => mapRunArn,
      answer: ({ mapRunArn }) => describedMapRun(mapRuns.describe(mapRunArn)),
    },
    UpdateMapRun: {
      resource: ({ mapRunArn }) => mapRunArn,
      answer({ mapRunArn, ...update }) {
        mapRuns.update(mapRunArn, update);
        return {};
      },
    },
    SendTaskSuccess: {
      resource: ({ taskToken: token }) => tokens.machineOf(token),
      answer({ taskToken: token, output }) {
        tokens.succeed(token, output);
        return {};
      },
    },
    SendTaskFailure: {
      resource: ({ taskToken: token }) => tokens.machineOf(token),
      answer({ taskToken: token, error, cause }) {
        tokens.fail(token, error, cause);
        return {};
      },
    },
    SendTaskHeartbeat: {
      resource: ({ taskToken: token }) => tokens.machineOf(token),
      answer({ taskToken: token }) {
        tokens.beat(token);
        return {};
      },
    },
  };
}

/** A page of a list; a token is the number of what came before, in base64. */
function pageOf(
  field: string,
  all: unknown[],
  { maxResults, nextToken }: { maxResults?: number | undefined; nextToken?: string | undefined },
): unknown {
  const start = nextToken ? Number(Buffer.from(nextToken, 'base64url').toString('utf8')) : 0;
  if (!Number.isInteger(start) || start < 0) {
    throw new ServiceFault('InvalidToken', `Invalid Token: '${nextToken}'`);
  }
  const end = start + (maxResults || DEFAULT_PAGE);
  return {
    [field]: all.slice(start, end),
    ...(end < all.length && { nextToken: Buffer.from(String(end)).toString('base64url') }),
  };
}
