/** The report of a check as one page that stands alone: no script, no address, readable when printed. */
import { escapeXml } from '../../../shared/office/xmlText.ts';
import type { CheckView, Finding, Severity } from '../../../shared/schemas/checkApi.ts';
import { card, standalonePage } from '../../generate/standalonePage.ts';
import { count, counted, duration, size } from '../../terminal/words.ts';
import { moment } from '../values.ts';

const TONES: Readonly<Record<Severity, string>> = { error: 'bad', warning: '', info: 'soft' };

/** The page. Everything that came from outside is text in it. */
export function checkPage({ summary, findings, createdAt }: CheckView, label: string): string {
  const heading = `${label}: ${counted(summary?.errors ?? 0, 'error')}, ${counted(summary?.warnings ?? 0, 'warning')}`;
  const cards = summary
    ? [
        card('Rows', count(summary.rows)),
        card('Documents', count(summary.documents)),
        card('Time', `about ${duration(Math.max(1, summary.estimate.seconds))}`),
        card('Size', size(summary.estimate.bytes)),
        card('On AWS', `$${summary.estimate.costUsd.toFixed(4)}`),
        ...(summary.calls ? [card('Calls', count(summary.calls.calls))] : []),
      ]
    : [];
  return standalonePage(
    heading,
    `<p class="soft">${escapeXml(moment(createdAt))}</p>
<dl>
${cards.join('\n')}
</dl>
${findings.length === 0 ? '<p>Nothing is wrong with the rows.</p>' : tableOf(findings)}`,
  );
}

const tableOf = (findings: readonly Finding[]): string => `<div class="wide"><table>
<thead><tr><th>What</th><th>Finding</th><th class="number">Rows</th><th>The first of them</th></tr></thead>
<tbody>
${findings.map(rowOf).join('\n')}
</tbody>
</table></div>`;

function rowOf({ severity, detail, suggestion, count: rows, firstRows }: Finding): string {
  const advice =
    suggestion === undefined ? '' : `<br><span class="soft">${escapeXml(suggestion)}</span>`;
  return `<tr><td class="${TONES[severity]}">${severity}</td><td>${escapeXml(detail)}${advice}</td><td class="number">${rows === 0 ? '' : count(rows)}</td><td>${firstRows.join(', ')}</td></tr>`;
}
