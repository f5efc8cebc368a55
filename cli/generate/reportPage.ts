/** The report as one page that stands alone: no script, no address, readable when printed. */
import { escapeXml } from '../../shared/office/xmlText.ts';
import { card, standalonePage } from './standalonePage.ts';
import { count, counted, duration } from '../terminal/words.ts';
import type { Outcome } from './jobEvents.ts';
import type { Moment, Report } from './reportContent.ts';

/** The page. Everything that came from outside is text in it. */
export function reportPage(report: Report): string {
  const { totals, tasks, command, startedAt, course } = report;
  const heading = headingOf(report);
  return standalonePage(
    heading,
    `<p class="soft">${escapeXml(`${startedAt.slice(0, 19).replace('T', ' ')} UTC`)} · <code>${escapeXml(command)}</code></p>
<dl>
${card('Made', count(totals.made), totals.made > 0 ? 'good' : '')}
${card('Failed', count(totals.failed), totals.failed > 0 ? 'bad' : '')}
${totals.skipped > 0 ? card('Skipped', count(totals.skipped)) : ''}
${totals.reused > 0 ? card('Taken over unchanged', count(totals.reused)) : ''}
${card('Time', timeText(totals.seconds))}
${card('Documents a second', rateText(totals.made, totals.seconds))}
</dl>
<h2>Documents over time</h2>
${drawing(course)}
${failures(tasks)}
<h2>${tasks.length === 1 ? 'Task' : 'Tasks'}</h2>
<div class="wide"><table>
<thead><tr><th>Name</th><th>Ended</th><th class="number">Made</th><th class="number">Failed</th><th class="number">Time</th><th>Saved to</th></tr></thead>
<tbody>
${tasks.map(taskRow).join('\n')}
</tbody>
</table></div>`,
  );
}

function headingOf({ totals, exitCode }: Report): string {
  const made = `${counted(totals.made, 'document')} made`;
  if (exitCode === 0) return made;
  return totals.failed > 0
    ? `${made}, ${count(totals.failed)} failed`
    : `${made}, not all was done`;
}

const timeText = (seconds: number) =>
  seconds < 60 ? `${seconds.toFixed(1)} s` : duration(seconds);

const rateText = (made: number, seconds: number) =>
  seconds <= 0 ? '–' : count(Math.round(made / seconds));

function taskRow({ job, taskId, ending, made, failed, seconds, saved, message }: Outcome): string {
  const id = taskId === undefined ? '' : `<br><code class="soft">${escapeXml(taskId)}</code>`;
  const why = message === undefined ? '' : `<br><span class="soft">${escapeXml(message)}</span>`;
  const cells = [
    `<td>${escapeXml(job)}${id}</td>`,
    `<td>${escapeXml(ending)}${why}</td>`,
    `<td class="number">${count(made)}</td>`,
    `<td class="number">${count(failed)}</td>`,
    `<td class="number">${timeText(seconds)}</td>`,
    `<td>${saved.map(({ path }) => escapeXml(path)).join('<br>')}</td>`,
  ];
  return `<tr>${cells.join('')}</tr>`;
}

function failures(tasks: readonly Outcome[]): string {
  const rows = tasks.flatMap(({ job, causes }) => causes.map((cause) => ({ job, cause })));
  if (rows.length === 0) return '';
  const several = tasks.length > 1;
  const lines = rows.map(({ job, cause }) => {
    const more = cause.count > cause.rows.length ? ', …' : '';
    const cells = [
      several ? `<td>${escapeXml(job)}</td>` : '',
      `<td>${escapeXml(cause.detail)}<br><code class="soft">${escapeXml(cause.code)}</code></td>`,
      `<td class="number">${count(cause.count)}</td>`,
      `<td>${cause.rows.join(', ')}${more}</td>`,
    ];
    return `<tr>${cells.join('')}</tr>`;
  });
  return `<h2>What failed, by cause</h2>
<div class="wide"><table>
<thead><tr>${several ? '<th>Task</th>' : ''}<th>Cause</th><th class="number">Documents</th><th>Rows</th></tr></thead>
<tbody>
${lines.join('\n')}
</tbody>
</table></div>
`;
}

const WIDTH = 800;
const HEIGHT = 220;
const LEFT = 64;
const BOTTOM = 28;
const TOP = 12;
/** Columns of the rate: enough to see how it went, few enough to be calm. */
const COLUMNS = 60;

/** The rate as columns, and what was tried so far as a line. */
function drawing(course: readonly Moment[]): string {
  const last = course.at(-1);
  if (!last || last.tried === 0 || last.at <= 0) return '<p class="soft">Nothing was tried.</p>';
  const width = WIDTH - LEFT;
  const height = HEIGHT - BOTTOM - TOP;
  const x = (at: number) => LEFT + (at / last.at) * width;
  const step = last.at / COLUMNS;
  const rates = Array.from(
    { length: COLUMNS },
    (_, index) => (triedAt(course, (index + 1) * step) - triedAt(course, index * step)) / step,
  );
  const highest = Math.max(...rates);
  const bars = rates.map((rate, index) => {
    const size = highest === 0 ? 0 : (rate / highest) * height;
    const at = [x(index * step) + 1, TOP + height - size, width / COLUMNS - 2, size];
    const [left, top, wide, high] = at.map((value) => value.toFixed(1));
    return `<rect x="${left}" y="${top}" width="${wide}" height="${high}"/>`;
  });
  const line = course
    .map(
      ({ at, tried }) =>
        `${x(at).toFixed(1)},${(TOP + height * (1 - tried / last.tried)).toFixed(1)}`,
    )
    .join(' ');
  const label = `At most ${count(Math.round(highest))} documents a second; ${counted(last.tried, 'document')} after ${timeText(last.at)}.`;
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeXml(label)}">
<g fill="var(--accent)" opacity=".35">${bars.join('')}</g>
<polyline points="${line}" fill="none" stroke="var(--accent)" stroke-width="2"/>
<line x1="${LEFT}" y1="${TOP + height}" x2="${WIDTH}" y2="${TOP + height}" stroke="var(--line)"/>
<text x="${LEFT - 8}" y="${TOP + 10}" text-anchor="end">${count(Math.round(highest))}/s</text>
<text x="${LEFT - 8}" y="${TOP + height}" text-anchor="end">0</text>
<text x="${LEFT}" y="${HEIGHT - 8}">0 s</text>
<text x="${WIDTH}" y="${HEIGHT - 8}" text-anchor="end">${timeText(last.at)}</text>
</svg>
<p class="soft">${escapeXml(label)} Columns: the rate. Line: all that were tried so far.</p>`;
}

/** Documents that were tried by then, with a steady pace between two moments. */
function triedAt(course: readonly Moment[], at: number): number {
  const index = course.findIndex((moment) => moment.at >= at);
  const next = course[index] ?? course.at(-1);
  const before = course[index - 1];
  if (!next || !before || next.at === before.at) return next?.tried ?? 0;
  const share = (at - before.at) / (next.at - before.at);
  return before.tried + share * (next.tried - before.tried);
}
