/** The bill in docs/operations.md: that of the last run whose results were kept. */
import { readFile, writeFile } from 'node:fs/promises';
import { size } from '../../cli/terminal/words.ts';
import { dollars, type Bill, type BillLine } from '../awsBill.ts';

const FILE = 'docs/operations.md';
const PART = /(<!-- bill -->\n)[^]*?(<!-- \/bill -->)/;

/** What the section tells of a run. */
interface CountedRun {
  readonly run: { readonly rows: number; readonly archiveBytes: number };
  readonly bill: Bill;
  readonly billOfProcessorTime: Bill;
}

/** Lines below this part of the sum are told as one. */
const SMALL_PART = 0.02;

const count = (n: number) => (n < 100 ? n.toPrecision(3) : Math.round(n).toLocaleString('en-US'));

/** The bill as Markdown. */
export function costSection({ run, bill, billOfProcessorTime }: CountedRun): string {
  const { running, runningCost, storage, download } = bill;
  const row = ({ service, item, quantity, unit, cost }: BillLine) =>
    `| ${service} | ${item} | ${count(quantity)} ${unit} | ${dollars(cost)} |`;
  const isSmall = ({ cost }: BillLine) => cost < runningCost * SMALL_PART;
  const small = running.filter(isSmall).reduce((sum, { cost }) => sum + cost, 0);
  return [
    `${run.rows.toLocaleString('en-US')} letters of one page, ${size(run.archiveBytes)}:`,
    '',
    '| service | item | quantity | cost |',
    '|---|---|---|---|',
    ...running.filter((line) => !isSmall(line)).map(row),
    `| all others | | | ${dollars(small)} |`,
    `| **running cost** | | | **${dollars(runningCost)}** |`,
    row({ ...storage, item: 'keeping everything for 7 days' }),
    row({ ...download, item: 'one download to the internet' }),
    '',
    `With the processor time of functions in place of their duration the running cost is ${dollars(billOfProcessorTime.runningCost)}.`,
    '',
  ].join('\n');
}

/** Puts the bill of a run in the place of the one before. */
export async function writeCostSection(run: CountedRun): Promise<void> {
  const text = await readFile(FILE, 'utf8');
  if (!PART.test(text)) throw new Error(`${FILE} has no place for the bill.`);
  await writeFile(
    FILE,
    text.replace(PART, (_, begin: string, end: string) => begin + costSection(run) + end),
  );
}
