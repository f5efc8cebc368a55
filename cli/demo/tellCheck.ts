/** What the check of a task's rows found, told as soon as it is known. */
import type { SheafClient } from '../../client/client.ts';
import { counted } from '../terminal/words.ts';

/** Findings that are told one by one; a check answers with all of them. */
const LISTED = 5;
const PAUSE_MS = 200;

/**
 * Waits for the check that a task begins with, and tells of its errors and warnings.
 * @param isOver whether the task has ended: then nothing more is waited for
 */
export async function tellCheck(
  client: SheafClient,
  taskId: string,
  say: (line: string) => void,
  isOver: () => boolean,
): Promise<void> {
  let { check } = await client.getTask({ taskId });
  while (check?.status === 'checking' && !isOver()) {
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    ({ check } = await client.getTask({ taskId }));
  }
  if (check?.status !== 'done') return;
  const { summary, findings } = await client.getCheck({ checkId: check.checkId });
  if (!summary) return;
  const { rows, errors, warnings } = summary;
  say(
    `Check     ${counted(rows, 'row')} · ${counted(errors, 'error')}, ${counted(warnings, 'warning')}`,
  );
  const told = findings.filter(({ severity }) => severity !== 'info');
  for (const { detail, firstRows } of told.slice(0, LISTED)) {
    const places = firstRows.length === 0 ? '' : ` (row ${firstRows.slice(0, 3).join(', ')}…)`;
    say(`          ${detail}${firstRows.length > 3 ? places : places.replace('…', '')}`);
  }
  const more = told.length - LISTED;
  if (more > 0) say(`          And ${counted(more, 'more finding', 'more findings')}.`);
}
