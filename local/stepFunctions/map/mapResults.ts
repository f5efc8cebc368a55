/** What comes out of a Map Run: the list of its children's outputs, or files in the object store. */
import { WorkflowFailure, dataLimitExceeded } from '../failures.ts';
import type { Evaluate } from '../language/intrinsics.ts';
import type { Data } from '../language/paths.ts';
import { isObject, parseJson } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';
import { RESULT_FILE_BYTES } from '../limits.ts';
import { STATE_BYTES_MAX } from '../../../shared/limits.ts';
import type { ChildStatus } from './mapCounts.ts';
import type { ChildRecord } from './mapRunFiles.ts';
import type { DistributedMapState } from '../language/program.ts';
import type { Run } from '../services.ts';

/** The children of a run, ended or never started, in the order of their items. */
export interface MapOutcome {
  readonly children: number;
  /** undefined for a child that has not ended. */
  statusOf(index: number): ChildStatus | undefined;
  /** undefined for a child that has not ended. */
  child(index: number): ChildRecord | undefined;
  /** Of a child that never started: its input as JSON text, where it has one. */
  inputOf(index: number): string | undefined;
  readonly mapRunArn: string;
  readonly mapRunId: string;
  /** The ARN of a child by its name. */
  childArn(name: string): string;
  readonly childMachineArn: string;
}

/** The state's result when nothing is exported; States.DataLimitExceeded above 256 KiB. */
export function collectResults(state: DistributedMapState, outcome: MapOutcome): Json {
  const results: Json[] = [];
  let characters = 0;
  for (let index = 0; index < outcome.children; index++) {
    const child = outcome.child(index);
    if (!child) continue;
    const result =
      child.status === 'SUCCEEDED'
        ? parseJson(child.output ?? 'null')
        : executionRecord(child, outcome);
    results.push(result);
    // Stops before memory fills; the exact size in bytes is checked by the caller.
    characters += JSON.stringify(result).length + 1;
    if (characters > STATE_BYTES_MAX) throw dataLimitExceeded(state.name);
  }
  return results;
}

/** Where results are exported to. */
interface Destination {
  readonly bucket: string;
  /** Of all keys of this Map Run, with a slash at its end. */
  readonly prefix: string;
}

/**
 * Exports the results and a manifest of them; gives the state's result. A repeat writes the same
 * keys again.
 * @throws {WorkflowFailure} States.ResultWriterFailed
 */
export async function exportResults(
  run: Run,
  writer: Evaluate,
  input: Data,
  outcome: MapOutcome,
): Promise<Json> {
  const destination = destinationOf(writer, input, outcome);
  const put = async (name: string, text: string) => {
    const key = `${destination.prefix}${name}`;
    const body = Buffer.from(text, 'utf8');
    try {
      await run.services.objects.write(destination.bucket, key, body, run.caller);
    } catch (error) {
      throw new WorkflowFailure(
        'States.ResultWriterFailed',
        error instanceof Error ? error.message : String(error),
      );
    }
    return { Key: key, Size: body.length };
  };
  const files = (kind: string, results: Iterable<Json>) =>
    writeFiles(results, (n, text) => put(`${kind}_${n}.json`, text));
  const manifest = {
    DestinationBucket: destination.bucket,
    MapRunArn: outcome.mapRunArn,
    ResultFiles: {
      FAILED: await files('FAILED', failures(outcome)),
      PENDING: await files('PENDING', pending(outcome)),
      SUCCEEDED: await files('SUCCEEDED', successes(outcome)),
    },
  };
  const { Key } = await put('manifest.json', JSON.stringify(manifest));
  return {
    MapRunArn: outcome.mapRunArn,
    ResultWriterDetails: { Bucket: destination.bucket, Key },
  };
}

function destinationOf(parameters: Evaluate, input: Data, { mapRunId }: MapOutcome): Destination {
  const made = parameters(input);
  const { Bucket, Prefix = '' } = isObject(made) ? made : {};
  if (typeof Bucket !== 'string' || typeof Prefix !== 'string') {
    throw new WorkflowFailure(
      'States.ResultWriterFailed',
      'The Bucket and Prefix of the ResultWriter must be strings.',
    );
  }
  const prefix = Prefix.replace(/\/$/, '');
  return { bucket: Bucket, prefix: `${prefix === '' ? '' : `${prefix}/`}${mapRunId}/` };
}

function* successes(outcome: MapOutcome) {
  for (let index = 0; index < outcome.children; index++) {
    const child = outcome.statusOf(index) === 'SUCCEEDED' ? outcome.child(index) : undefined;
    if (child) yield executionRecord(child, outcome);
  }
}

/** Failed, timed out and aborted children: always with their metadata. */
function* failures(outcome: MapOutcome) {
  for (let index = 0; index < outcome.children; index++) {
    const child = outcome.statusOf(index) === 'SUCCEEDED' ? undefined : outcome.child(index);
    if (child) yield executionRecord(child, outcome);
  }
}

function* pending(outcome: MapOutcome): Generator<Json> {
  for (let index = 0; index < outcome.children; index++) {
    if (outcome.statusOf(index)) continue;
    const input = outcome.inputOf(index);
    yield {
      Input: input ?? '',
      InputDetails: { Included: input !== undefined },
      Status: 'PENDING',
    };
  }
}

function executionRecord(child: ChildRecord, outcome: MapOutcome): JsonObject {
  const succeeded = child.status === 'SUCCEEDED';
  return {
    ...(child.cause !== undefined && { Cause: child.cause }),
    ...(child.error !== undefined && { Error: child.error }),
    ExecutionArn: outcome.childArn(child.name),
    Input: child.input,
    InputDetails: { Included: true },
    Name: child.name,
    ...(child.output !== undefined && { Output: child.output }),
    OutputDetails: { Included: true },
    RedriveCount: 0,
    RedriveStatus: succeeded ? 'NOT_REDRIVABLE' : 'REDRIVABLE_BY_MAP_RUN',
    ...(succeeded && {
      RedriveStatusReason: 'Execution is SUCCEEDED and cannot be redriven',
    }),
    StartDate: new Date(child.startedAt).toISOString(),
    StateMachineArn: outcome.childMachineArn,
    Status: child.status,
    StopDate: new Date(child.endedAt).toISOString(),
  };
}

interface ResultFile {
  readonly Key: string;
  readonly Size: number;
}

/** Writes results into as many files as they need; none when there are no results. */
async function writeFiles(
  results: Iterable<Json>,
  put: (n: number, text: string) => Promise<ResultFile>,
): Promise<ResultFile[]> {
  const files: ResultFile[] = [];
  let texts: string[] = [];
  let characters = 0;
  const flush = async () => {
    if (texts.length === 0) return;
    const text = `[${texts.join(',')}]`;
    texts = [];
    characters = 0;
    files.push(await put(files.length, text));
  };
  for (const result of results) {
    const text = JSON.stringify(result);
    texts.push(text);
    characters += text.length;
    if (characters >= RESULT_FILE_BYTES) await flush();
  }
  await flush();
  return files;
}
