/** What a run would have cost in AWS: usage, as the local cloud counts it, times list prices. */
import type { Usage } from '../local/billing/usage.ts';
import { TASK_RETENTION_DAYS } from '../shared/limits.ts';

interface Price {
  readonly service: string;
  readonly item: string;
  /** Dollars for `per` units. */
  readonly dollars: number;
  readonly per: number;
  readonly unit: string;
}

const MILLION = 1_000_000;
/** Networks and disks are billed in GB of 10^9 bytes here: the larger of the two readings of a GB. */
const GIGABYTE = 1e9;

/**
 * List prices of us-east-1 in November 2026 without free tiers, for the first step of each where it
 * falls with use (https://aws.amazon.com/pricing/).
 */
export const PRICES = {
  functionTime: price('Lambda arm64', 'time × memory', 0.0000133334, 1, 'GB-seconds'),
  functionCalls: price('Lambda', 'calls', 0.2, MILLION, 'calls'),
  transitions: price('Step Functions Standard', 'transitions', 25, MILLION, 'transitions'),
  expressCalls: price('Step Functions Express', 'executions', 1, MILLION, 'executions'),
  expressTime: price('Step Functions Express', 'time × memory', 0.00001667, 1, 'GB-seconds'),
  objectWrites: price('S3', 'writes, copies, lists', 5, MILLION, 'requests'),
  objectReads: price('S3', 'reads', 0.4, MILLION, 'requests'),
  objectStorage: price('S3', 'storage', 0.023, 1, 'GB-months'),
  tableWrites: price('DynamoDB on demand', 'writes', 0.625, MILLION, 'units'),
  tableReads: price('DynamoDB on demand', 'reads', 0.125, MILLION, 'units'),
  httpRequests: price('API Gateway HTTP', 'requests of 512 KB', 1, MILLION, 'requests'),
  socketMessages: price('API Gateway WebSocket', 'messages of 32 KB', 1, MILLION, 'messages'),
  socketMinutes: price('API Gateway WebSocket', 'connections', 0.25, MILLION, 'minutes'),
  logs: price('CloudWatch Logs', 'taking in', 0.5, 1, 'GB'),
  internet: price('Data transfer', 'to the internet', 0.09, 1, 'GB'),
} as const satisfies Record<string, Price>;

const DAYS_PER_MONTH = 30;
/** An Express child is small: it stays within the first step of 64 MB. */
const EXPRESS_GIGABYTES = 64 / 1024;

export interface BillLine {
  readonly service: string;
  readonly item: string;
  readonly quantity: number;
  readonly unit: string;
  /** Dollars for one unit. */
  readonly unitPrice: number;
  /** Dollars. */
  readonly cost: number;
}

export interface Bill {
  /** Computing, calls and progress. */
  readonly running: readonly BillLine[];
  /** Sum of `running`, in dollars. */
  readonly runningCost: number;
  /** Keeping what was made until it is removed. */
  readonly storage: BillLine;
  /** Sending what was downloaded to the internet. */
  readonly download: BillLine;
}

/**
 * By what functions are billed: the time that they took on this machine, where they share the
 * processors with everything that serves them; or their time on a processor, which leaves out every
 * wait. In AWS it is between the two.
 */
export type FunctionTime = 'duration' | 'processor';

/** The bill of a usage. Lines of nothing are left out. */
export function awsBill(usage: Usage, functionTime: FunctionTime): Bill {
  const { s3, stepFunctions, httpApi, webSocketApi, logs } = usage;
  const functions = Object.values(usage.lambda);
  const gigabyteSeconds = functions.map(
    (used) => (millisecondsOf(used, functionTime) / 1000) * (used.memoryMegabytes / 1024),
  );
  const tableCalls = Object.values(usage.dynamoDb);
  const running = [
    line(PRICES.functionTime, sum(gigabyteSeconds)),
    line(PRICES.functionCalls, sum(functions.map(({ invocations }) => invocations))),
    line(PRICES.transitions, stepFunctions.transitions),
    line(PRICES.expressCalls, stepFunctions.expressRequests),
    line(PRICES.expressTime, (stepFunctions.expressMs / 1000) * EXPRESS_GIGABYTES),
    line(PRICES.objectWrites, requestsOf(s3.requests, 'write')),
    line(PRICES.objectReads, requestsOf(s3.requests, 'read')),
    line(PRICES.tableWrites, sum(tableCalls.map(({ writeUnits }) => writeUnits))),
    line(PRICES.tableReads, sum(tableCalls.map(({ readUnits }) => readUnits))),
    line(PRICES.httpRequests, httpApi.units),
    line(PRICES.socketMessages, webSocketApi.units),
    line(PRICES.socketMinutes, webSocketApi.connectionMs / 60_000),
    line(PRICES.logs, logs.bytes / GIGABYTE),
    {
      ...line(PRICES.internet, (httpApi.sentBytes + webSocketApi.sentBytes) / GIGABYTE),
      item: 'answers and events',
    },
  ].filter(({ quantity }) => quantity > 0);
  const months = TASK_RETENTION_DAYS / DAYS_PER_MONTH;
  return {
    running,
    runningCost: sum(running.map(({ cost }) => cost)),
    storage: line(PRICES.objectStorage, (s3.storedBytes / GIGABYTE) * months),
    download: line(PRICES.internet, s3.sentByLinkBytes / GIGABYTE),
  };
}

function millisecondsOf(used: Usage['lambda'][string], functionTime: FunctionTime): number {
  return functionTime === 'duration' ? used.billedMs + used.initMs : used.cpuMs + used.initCpuMs;
}

type RequestKind = 'write' | 'read' | 'free';

/** S3 prices PUT, COPY, POST and LIST alike, and GET with all others; removing costs nothing. */
const REQUEST_KINDS: Readonly<Record<string, RequestKind>> = {
  PutObject: 'write',
  CopyObject: 'write',
  ListBuckets: 'write',
  ListObjectsV2: 'write',
  CreateMultipartUpload: 'write',
  UploadPart: 'write',
  UploadPartCopy: 'write',
  CompleteMultipartUpload: 'write',
  ListParts: 'write',
  GetObject: 'read',
  HeadObject: 'read',
  DeleteObject: 'free',
  AbortMultipartUpload: 'free',
};

/** @throws Error for an operation whose price is not known */
function requestsOf(requests: Usage['s3']['requests'], kind: RequestKind): number {
  const counted = Object.entries(requests).map(([operation, count]) => {
    const known = REQUEST_KINDS[operation];
    if (!known) throw new Error(`The price of the S3 operation ${operation} is not known.`);
    return known === kind ? count : 0;
  });
  return sum(counted);
}

function line({ service, item, dollars, per, unit }: Price, quantity: number): BillLine {
  const unitPrice = dollars / per;
  return { service, item, quantity, unit, unitPrice, cost: quantity * unitPrice };
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

function price(service: string, item: string, dollars: number, per: number, unit: string): Price {
  return { service, item, dollars, per, unit };
}

/** An amount as it is shown: small ones with more digits. */
export const dollars = (amount: number) => `$${amount.toFixed(amount < 0.01 ? 6 : 4)}`;

/** The prices as a table in Markdown, for docs/operations.md. */
export function priceTable(): string {
  const rows = Object.values(PRICES).map(({ service, item, dollars, per, unit }: Price) => {
    const amount =
      per === 1 ? `1 ${unit.replace(/s$/, '')}` : `${per.toLocaleString('en-US')} ${unit}`;
    return `| ${service} | ${item} | $${decimal(dollars)} for ${amount} |`;
  });
  return ['| service | item | price |', '|---|---|---|', ...rows].join('\n');
}

/** Never in powers of ten, and with cents at least. */
const decimal = (dollars: number) =>
  dollars.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 12 });
