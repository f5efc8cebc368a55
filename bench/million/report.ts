/** How the results look in the terminal. */
import { duration, size } from '../../cli/terminal/words.ts';
import type { Usage } from '../../local/billing/usage.ts';
import { dollars, type Bill, type BillLine } from '../awsBill.ts';
import type { BilledRun } from './billedRun.ts';

const count = (n: number) => Math.round(n).toLocaleString('en-US');
const memory = (bytes: number | null) => (bytes === null ? 'not measured' : size(bytes));

/** Everything that is known of one run. */
export function runReport({ run, bill, billOfProcessorTime }: BilledRun): string {
  const { verified, peakMemory } = run;
  const stages = Object.entries(run.seconds).map(
    ([stage, seconds]) => `  ${stage.padEnd(18)} ${seconds.toFixed(1).padStart(8)} s`,
  );
  return [
    '',
    `${count(run.rows)} documents in ${duration(run.taskSeconds)}: ${count(run.documentsPerSecond)} a second, ${size(run.archiveBytes)}`,
    ...stages,
    `Memory at most: local cloud ${memory(peakMemory.localCloud)}, client ${memory(peakMemory.client)} (${memory(peakMemory.clientBefore)} of it before it began)`,
    `Archive: ${count(verified.documents)} documents in the order of their rows, every checksum compared, ${verified.opened} opened and compared with their rows`,
    otherReader(verified),
    '',
    'Calls',
    ...callLines(run.usage),
    '',
    'AWS list prices of us-east-1, functions by their duration here',
    ...billLines(bill, run.rows),
    `With functions by their processor time: ${dollars(billOfProcessorTime.runningCost)}`,
    '',
  ].join('\n');
}

function otherReader({ testedBy, missing }: BilledRun['run']['verified']): string {
  const lacking = missing.length === 0 ? '' : `; not on this machine: ${missing.join(', ')}`;
  return testedBy === null
    ? `No other reader has tested it${lacking}`
    : `${testedBy} has tested it too, and found no fault${lacking}`;
}

function callLines({ s3, dynamoDb, stepFunctions, lambda, ...others }: Usage): string[] {
  const list = (calls: [string, number][]) =>
    calls
      .sort(([, a], [, b]) => b - a)
      .map(([name, calls]) => `${name} ${count(calls)}`)
      .join(', ');
  const { httpApi, webSocketApi } = others;
  return [
    `  S3              ${list(Object.entries(s3.requests))}`,
    `  DynamoDB        ${list(Object.entries(dynamoDb).map(([name, { calls }]) => [name, calls]))}`,
    `  Step Functions  ${count(stepFunctions.transitions)} transitions, ${count(stepFunctions.mapChildren)} children`,
    `  Lambda          ${list(Object.entries(lambda).map(([name, { invocations }]) => [functionName(name), invocations]))}`,
    `  API Gateway     ${count(httpApi.requests)} requests, ${count(webSocketApi.messages)} messages`,
  ];
}

/** Logical ids end in a hash. */
const functionName = (logicalId: string) => logicalId.replace(/(Function)?[0-9A-F]{8}$/, '');

function billLines(bill: Bill, rows: number): string[] {
  const line = ({ service, item, quantity, unit, cost }: BillLine) => {
    const amount = quantity < 100 ? quantity.toPrecision(3) : count(quantity);
    return `  ${service.padEnd(24)} ${item.padEnd(24)} ${amount.padStart(10)} ${unit.padEnd(12)} ${dollars(cost).padStart(10)}`;
  };
  const perMillion = (bill.runningCost / rows) * 1e6;
  return [
    ...bill.running.map(line),
    `  ${'running cost'.padEnd(73)} ${dollars(bill.runningCost).padStart(10)}, ${dollars(perMillion)} for a million`,
    line({ ...bill.storage, item: 'keeping it for 7 days' }),
    line({ ...bill.download, item: 'one download' }),
  ];
}

/** Above this part of what a row costs in a small task, the cost does not fall with the rows. */
const FLAT = 1.2;

/** Cost for each row over the sizes that were run, smallest first. */
export function costPerRow(runs: readonly BilledRun[]): string {
  const cost = ({ bill }: BilledRun) => bill.runningCost;
  const perMillion = (run: BilledRun) => (cost(run) / run.run.rows) * 1e6;
  const lines = runs.map(
    (run) =>
      `  ${count(run.run.rows).padStart(9)} rows  ${dollars(cost(run)).padStart(10)}, ${dollars(perMillion(run))} for a million at this rate`,
  );
  const [first] = runs;
  const last = runs.at(-1);
  if (!first || !last || first === last) return ['Running cost', ...lines, ''].join('\n');
  const ratio = perMillion(last) / perMillion(first);
  const ofRow = (cost(last) - cost(first)) / (last.run.rows - first.run.rows);
  return [
    'Running cost',
    ...lines,
    `  A task costs ${dollars(cost(first) - ofRow * first.run.rows)}, and ${dollars(ofRow * 1e6)} for each million of its rows.`,
    `  A row of the largest costs ${(ratio * 100).toFixed(0)} % of one of the smallest: ${ratio <= FLAT ? 'flat or falling' : 'RISING'}.`,
    '',
  ].join('\n');
}
