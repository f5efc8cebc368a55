/** What happens to jobs, for people: a line for each that is under way, and what is odd above it. */
import { createLiveView } from '../terminal/liveView.ts';
import { progressLine } from '../terminal/progressLine.ts';
import { plain, type Screen } from '../terminal/screen.ts';
import { count, counted, size } from '../terminal/words.ts';
import type { Finding } from '../../shared/schemas/checkApi.ts';
import type { FoundReading } from '../../shared/schemas/common.ts';
import type { JobEvent, Outcome } from './jobEvents.ts';

export interface JobsView {
  tell(event: JobEvent): void;
  note(text: string): void;
  end(): void;
}

/** Failures that are told as they happen, and findings of a check; the summary has the causes. */
const TOLD_FAILURES = 10;
const TOLD_FINDINGS = 5;
const TOTAL = '\0total';

/** @param jobs how many there are: of several, each line bears a name */
export function createJobsView(screen: Screen, colour: boolean, jobs: number): JobsView {
  const view = createLiveView(screen, colour);
  const isAlone = jobs === 1;
  const toldFailures = new Map<string, number>();
  let ended = 0;
  const say = (job: string, text: string) => view.note(plain(isAlone ? text : `${job}: ${text}`));
  /** What the data lacks is told once, by the task or by its check. */
  const told = new Set<string>();
  const more = (text: string) => {
    told.add(text);
    view.note(`          ${plain(text)}`);
  };
  const title = (name: string, text: string) => view.note(`${name.padEnd(9)} ${plain(text)}`);

  return {
    tell(event) {
      const { job } = event;
      const label = isAlone ? undefined : job;
      const named = label === undefined ? {} : { label };
      switch (event.type) {
        case 'template':
          title('Template', `${event.file} · ${counted(event.tags, 'tag')}`);
          event.warnings.forEach(more);
          break;
        case 'data':
          title(
            'Data',
            `${event.file} · ${counted(event.rows, 'row')}, ${counted(event.columns, 'column')}${wayOf(event.found)}`,
          );
          event.warnings.forEach(more);
          break;
        case 'task':
          for (const warning of event.warnings) more(warning);
          view.show(job, {
            ...named,
            parts: [`${count(event.documents)} documents`, event.taskId],
          });
          break;
        case 'check': {
          const { rows, errors, warnings } = event.summary;
          const text = `${counted(rows, 'row')} · ${counted(errors, 'error')}, ${counted(warnings, 'warning')}`;
          title('Check', isAlone ? text : `${job} · ${text}`);
          const news = event.findings.filter(({ detail }) => !told.has(detail));
          findingLines(news, TOLD_FINDINGS).forEach(more);
          break;
        }
        case 'progress':
          view.show(job, progressLine(event.progress, label));
          break;
        case 'document_failed': {
          const told = (toldFailures.get(job) ?? 0) + 1;
          toldFailures.set(job, told);
          const { row, code, detail } = event.failure;
          if (told <= TOLD_FAILURES) say(job, `Row ${row}: ${code}. ${detail}`);
          else if (told === TOLD_FAILURES + 1) say(job, 'More rows failed; the end tells why.');
          break;
        }
        case 'saving':
          view.show(job, { ...named, parts: ['saving', size(event.bytes)] });
          break;
        case 'note':
          say(job, event.text);
          break;
        case 'ended':
          ended++;
          view.hide(job);
          if (isAlone) break;
          say(job, endingLine(event.outcome));
          if (jobs > 1) {
            view.hide(TOTAL);
            view.show(TOTAL, {
              label: 'All tasks',
              done: { share: ended / jobs, failed: 0 },
              parts: [`${count(ended)} of ${count(jobs)}`],
            });
          }
          break;
        case 'saved':
          break;
      }
    },
    note: (text) => view.note(plain(text)),
    end: () => {
      view.hide(TOTAL);
      view.end();
    },
  };
}

/** 998 made, 2 failed → letters.zip */
function endingLine({ ending, made, failed, saved, message }: Outcome): string {
  const parts = [`${counted(made, 'document')} made`];
  if (failed > 0) parts.push(`${count(failed)} failed`);
  if (ending !== 'made' && ending !== 'in part') parts.push(ending);
  const places = saved.map(({ path }) => path);
  const to = places.length === 0 ? '' : ` → ${places.join(', ')}`;
  return `${parts.join(', ')}${to}${message === undefined ? '' : `. ${message}`}`;
}

/** How a table was read. */
function wayOf({ encoding, delimiter, quote, sheet }: FoundReading): string {
  const parts = [
    encoding,
    delimiter !== undefined &&
      `${delimiter === '\t' ? 'tab' : JSON.stringify(delimiter)} between cells`,
    quote === "'" && 'single quotes',
    sheet !== undefined && `sheet ${JSON.stringify(sheet)}`,
  ].filter((part) => part !== undefined && part !== false);
  return parts.length > 0 ? ` (${parts.join(', ')})` : '';
}

/** What a check found, a line each, with the first rows; what is only worth knowing is left out. */
export function findingLines(findings: readonly Finding[], most: number): string[] {
  const told = findings.filter(({ severity }) => severity !== 'info');
  const lines = told.slice(0, most).map(({ detail, firstRows }) => {
    const rows = firstRows.slice(0, 3).join(', ');
    const others = firstRows.length > 3 ? '…' : '';
    return firstRows.length === 0 ? detail : `${detail} (row ${rows}${others})`;
  });
  const left = told.length - most;
  return left > 0 ? [...lines, `And ${counted(left, 'more finding', 'more findings')}.`] : lines;
}
