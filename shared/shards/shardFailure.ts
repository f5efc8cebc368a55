/** What people are told of a shard that failed for good: what happened, in no program's words. */
import { WORKFLOW_ERRORS } from '../names.ts';
import type { RowFailure } from '../schemas/common.ts';
import type { ShardItem } from '../schemas/items.ts';
import type { FailedShard } from '../schemas/workflow.ts';

const BUSY = 'another worker held its rows for too long';
const TIMEOUT = 'its time ran out';
const UNREACHABLE = 'a service that it needs did not answer';
const NO_ROOM = 'there was no room for another worker';
const ENDED = 'its worker was ended';

/** By the names that errors have in the workflow; of any other the name may be anything. */
const CAUSES: Readonly<Record<string, string>> = {
  [WORKFLOW_ERRORS.shardBusy]: BUSY,
  [WORKFLOW_ERRORS.leaseLost]: BUSY,
  [WORKFLOW_ERRORS.retriesExhausted]: 'every attempt that maxRetries allows had been made',
  [WORKFLOW_ERRORS.serviceUnavailable]: UNREACHABLE,
  'States.Timeout': TIMEOUT,
  'Sandbox.Timedout': TIMEOUT,
  'Lambda.Unknown': ENDED,
  'Runtime.ExitError': ENDED,
  'Runtime.OutOfMemory': 'its worker ran out of memory',
  'Lambda.TooManyRequestsException': NO_ROOM,
  'Lambda.ServiceException': UNREACHABLE,
  'Lambda.AWSLambdaException': UNREACHABLE,
  'Lambda.SdkClientException': UNREACHABLE,
  'Lambda.ClientExecutionTimeoutException': UNREACHABLE,
};

/** Why a step was given up, as part of a sentence. */
export const causeOf = ({ Error: name }: FailedShard['error']): string =>
  (Object.hasOwn(CAUSES, name) ? CAUSES[name] : undefined) ??
  'it broke for a reason that the log of the operator has';

/** The failure of every document that a shard lost. */
export const failureOfShard = ({ firstRow, rowCount, lost, error }: ShardItem): RowFailure => ({
  code: 'SHARD_FAILED',
  detail: `${lost ? 'Rows' : 'The rows'} from ${lost?.firstRow ?? firstRow} to ${lost?.lastRow ?? firstRow + rowCount - 1} were given up together. ${error?.message ?? ''} No single row is to blame as far as is known: retry the task.`,
});
