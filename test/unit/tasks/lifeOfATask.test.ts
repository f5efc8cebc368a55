/** docs/life-of-a-task.md is made from the transition table. UPDATE_DOCS=1 writes it anew. */
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { TASK_STATUSES } from '../../../shared/schemas/common.ts';
import {
  isFinal,
  nextStatus,
  possibleCalls,
  TRANSITION_NAMES,
} from '../../../shared/tasks/lifeCycle.ts';

const PAGE = new URL('../../../docs/life-of-a-task.md', import.meta.url);

const arrows = TASK_STATUSES.flatMap((status) => {
  const labels = new Map<string, string[]>();
  for (const transition of TRANSITION_NAMES) {
    const to = nextStatus(status, transition);
    if (to !== undefined) labels.set(to, [...(labels.get(to) ?? []), transition]);
  }
  return [...labels].map(([to, names]) => `    ${status} --> ${to}: ${names.join(', ')}`);
});

const diagram = [
  '',
  '```mermaid',
  'stateDiagram-v2',
  '    [*] --> pending',
  ...arrows,
  ...TASK_STATUSES.filter(isFinal).map((status) => `    ${status} --> [*]`),
  '```',
  '',
  '',
].join('\n');

const rows = TASK_STATUSES.map((status) => [
  `\`${status}\``,
  possibleCalls(status).join(', ') || 'none',
]);
const all = [['state', 'possible calls'], ...rows];
const widths = [0, 1].map((i) => Math.max(...all.map((row) => row[i]?.length ?? 0)));
const line = (row: readonly string[]) =>
  `| ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`;
const calls = [
  '',
  line(all[0] ?? []),
  `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`,
  ...rows.map(line),
  '',
  '',
].join('\n');

const between = (name: string, text: string, written: string) =>
  text.replace(
    new RegExp(`(<!-- ${name} -->\n)[^]*?(<!-- /${name} -->)`),
    (_, start: string, end: string) => start + written + end,
  );

it('shows every transition, and what is possible in every state', () => {
  const page = readFileSync(PAGE, 'utf8');
  const written = between('calls', between('diagram', page, diagram), calls);
  expect(written).toContain('pausing --> paused: halt');
  if (process.env.UPDATE_DOCS === '1') writeFileSync(PAGE, written);
  else expect(page).toBe(written);
});
