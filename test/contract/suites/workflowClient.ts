/** How the workflow suites talk to an engine: nothing here knows which engine it is. */
import {
  DescribeExecutionCommand,
  DescribeMapRunCommand,
  GetExecutionHistoryCommand,
  ListMapRunsCommand,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import type { DescribeExecutionOutput, HistoryEvent } from '@aws-sdk/client-sfn';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import type { WorkflowHost } from './workflowHost.ts';

/** How long a suite waits for what must happen; a failing test ends with it. */
const PATIENCE_MS = 15_000;

/** Waits until `check` gives something. */
export async function eventually<T>(
  check: () => Promise<T | undefined> | T | undefined,
): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const found = await check();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error('What the test waits for did not happen.');
    await pause(5);
  }
}

let names = 0;
/** A name that no execution has yet. */
export const newName = () => `suite-${process.pid}-${Date.now()}-${names++}`;

export async function start(host: WorkflowHost, machine: string, input: unknown, name = newName()) {
  const { executionArn } = await host.client.send(
    new StartExecutionCommand({
      stateMachineArn: host.machineArn(machine),
      name,
      input: JSON.stringify(input),
    }),
  );
  return executionArn ?? '';
}

export interface Ended extends DescribeExecutionOutput {
  /** The output, parsed. */
  readonly result: unknown;
}

/** Waits for the end of an execution. */
export async function ended(host: WorkflowHost, executionArn: string): Promise<Ended> {
  return eventually(async () => {
    const found = await host.client.send(new DescribeExecutionCommand({ executionArn }));
    if (found.status === 'RUNNING') return undefined;
    return { ...found, result: found.output === undefined ? undefined : parse(found.output) };
  });
}

/** Runs a machine to its end. */
export const run = async (host: WorkflowHost, machine: string, input: unknown): Promise<Ended> =>
  ended(host, await start(host, machine, input));

export async function history(host: WorkflowHost, executionArn?: string): Promise<HistoryEvent[]> {
  const { events = [] } = await host.client.send(
    new GetExecutionHistoryCommand({ executionArn, maxResults: 1000 }),
  );
  return events;
}

export async function eventTypes(host: WorkflowHost, executionArn?: string) {
  return (await history(host, executionArn)).map(({ type }) => type);
}

/** The only Map Run of an execution. */
export async function mapRunOf(host: WorkflowHost, executionArn?: string) {
  const { mapRuns = [] } = await host.client.send(new ListMapRunsCommand({ executionArn }));
  const mapRunArn = mapRuns[0]?.mapRunArn;
  return host.client.send(new DescribeMapRunCommand({ mapRunArn }));
}

/** JSON text, read for a comparison. */
export const parse = (text: string): unknown => JSON.parse(text);

const WrittenSchema = z.object({
  MapRunArn: z.string(),
  ResultWriterDetails: z.object({ Bucket: z.string(), Key: z.string() }),
});
const FileSchema = z.array(z.object({ Key: z.string(), Size: z.int() }));
const ManifestSchema = z.object({
  DestinationBucket: z.string(),
  MapRunArn: z.string(),
  ResultFiles: z.object({ FAILED: FileSchema, PENDING: FileSchema, SUCCEEDED: FileSchema }),
});

/** What a ResultWriter has written, as its state's result tells. */
export async function written(host: WorkflowHost, result: unknown) {
  const { MapRunArn, ResultWriterDetails } = WrittenSchema.parse(result);
  const manifest = ManifestSchema.parse(parse(await host.getObject(ResultWriterDetails.Key)));
  const texts = async (kind: keyof typeof manifest.ResultFiles) =>
    Promise.all(manifest.ResultFiles[kind].map(({ Key }) => host.getObject(Key)));
  return { MapRunArn, key: ResultWriterDetails.Key, manifest, texts };
}
