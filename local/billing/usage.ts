/** What a local cloud has used since it was started, in the units by which AWS bills. */
import { z } from 'zod';

const count = z.int().min(0);
const amount = z.number().min(0);

const ObjectUsageSchema = z.object({
  requests: z.record(z.string(), count).describe('By operation of S3, such as UploadPart.'),
  storedBytes: count.describe('In the buckets now, parts of unfinished uploads included.'),
  sentBytes: count.describe('To the functions and workflows.'),
  sentByLinkBytes: count.describe('To whoever has a presigned link: data to the internet.'),
});

const TableCallsSchema = z.object({ calls: count, readUnits: amount, writeUnits: amount });

const WorkflowUsageSchema = z.object({
  executions: count.describe('Standard executions that were started.'),
  transitions: count.describe('Of Standard workflows: starts, states entered, retries.'),
  mapChildren: count.describe('Child executions that distributed maps have started.'),
  expressRequests: count,
  expressMs: count.describe('Duration of Express executions, each rounded up to 100 ms.'),
});

const FunctionUsageSchema = z.object({
  memoryMegabytes: count,
  invocations: count,
  billedMs: count.describe('Duration of the invocations, each rounded up to 1 ms.'),
  cpuMs: amount.describe('Time on a processor within that.'),
  coldStarts: count,
  initMs: count.describe('Duration of the cold starts, which is billed as well.'),
  initCpuMs: amount,
});

const HttpUsageSchema = z.object({
  requests: count,
  units: count.describe('512 KB each, at least one a request.'),
  sentBytes: count,
});

const SocketUsageSchema = z.object({
  messages: count.describe('Both ways.'),
  units: count.describe('32 KB each, at least one a message.'),
  sentBytes: count,
  connections: count,
  connectionMs: count,
});

export const UsageSchema = z.object({
  pid: z.int(),
  since: z.iso.datetime(),
  until: z.iso.datetime(),
  s3: ObjectUsageSchema,
  dynamoDb: z.record(z.string(), TableCallsSchema).describe('By operation, such as PutItem.'),
  stepFunctions: WorkflowUsageSchema,
  lambda: z.record(z.string(), FunctionUsageSchema).describe("By the function's logical id."),
  httpApi: HttpUsageSchema,
  webSocketApi: SocketUsageSchema,
  logs: z.object({ bytes: count }),
});
export type Usage = z.infer<typeof UsageSchema>;

/** Name of the file in the data folder. */
export const USAGE_FILE = 'usage.json';
