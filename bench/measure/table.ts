/** Comparisons as tables of text: the one shape in which all benchmarks show what they found. */
import { isMeasured, type Absent, type Comparison, type Measured } from './comparison.ts';

/** 1234567 as 1,234,567; what is below 100 with three digits. */
export const figure = (value: number): string =>
  value >= 100
    ? Math.round(value).toLocaleString('en-US')
    : String(Number(value.toPrecision(value >= 10 ? 3 : 2)));

/** A duration in the unit that suits it. */
export function duration(seconds: number): string {
  if (seconds >= 1) return `${seconds.toPrecision(3)} s`;
  if (seconds >= 1e-3) return `${(seconds * 1e3).toPrecision(3)} ms`;
  if (seconds >= 1e-6) return `${(seconds * 1e6).toPrecision(3)} µs`;
  return `${(seconds * 1e9).toPrecision(3)} ns`;
}

const ratio = (times: number | undefined) =>
  times === undefined ? '' : times >= 10 ? times.toFixed(0) : times.toPrecision(times < 1 ? 2 : 3);

/** The columns behind the names. */
function columns({ unit, peer, floor }: Comparison) {
  return [
    { title: `time/${unit}`, cell: (m: Measured) => duration(m.secondsPerUnit) },
    { title: `${unit}s/s`, cell: (m: Measured) => figure(m.unitsPerSecond) },
    { title: `bytes/${unit}`, cell: (m: Measured) => figure(m.bytesPerUnit) },
    { title: 'MB/s', cell: (m: Measured) => figure((m.bytesPerUnit * m.unitsPerSecond) / 1e6) },
    ...(peer === undefined ? [] : [{ title: '× peer', cell: (m: Measured) => ratio(m.timesPeer) }]),
    ...(floor === undefined
      ? []
      : [{ title: '× floor', cell: (m: Measured) => ratio(m.timesFloor) }]),
  ];
}

const label = ({ name, role }: Measured | Absent) => (role === 'ours' ? name : `${role}: ${name}`);

/** One comparison; its peer and floor are named in the lines above the table. */
export function comparisonTable(comparison: Comparison): string {
  const { title, peer, floor, contenders, figures = [] } = comparison;
  const shown = columns(comparison);
  const rows = contenders.map((contender) => [
    label(contender),
    ...(isMeasured(contender) ? shown.map(({ cell }) => cell(contender)) : [contender.absent]),
  ]);
  const header = [title, ...shown.map((column) => column.title)];
  const complete = [header, ...rows.filter((row) => row.length === header.length)];
  const widths = header.map((_, i) => Math.max(...complete.map((row) => row[i]?.length ?? 0)));
  const first = Math.max(...[header, ...rows].map(([name = '']) => name.length));
  const lines = [header, ...rows].map(([name = '', ...cells]) =>
    cells.length < shown.length
      ? `  ${name.padEnd(first)}  ${cells.join('')}`
      : `  ${name.padEnd(first)}  ${cells.map((cell, i) => cell.padStart(widths[i + 1] ?? 0)).join('  ')}`,
  );
  return [
    ...lines.map((line) => line.trimEnd()),
    ...(peer === undefined ? [] : [`  × peer: times as fast as ${peer}`]),
    ...(floor === undefined ? [] : [`  × floor: times as fast as ${floor}`]),
    ...figures.map(({ name, value, unit }) => `  ${name}: ${figure(value)} ${unit}`.trimEnd()),
    '',
  ].join('\n');
}
