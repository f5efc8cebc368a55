/** The same order for a terminal. The key is in none: it stays in a variable of the environment. */
import type * as z from 'zod';
import type { CreateTaskSchema } from '../../../shared/schemas/taskApi.ts';
import { mappingOf, type Draft } from './draft.ts';

/** As a POSIX shell takes it for one word. */
export const quoted = (word: string): string =>
  /^[\w./:@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

export function curlCommand(apiUrl: string, body: z.input<typeof CreateTaskSchema>): string {
  return [
    `curl -X POST ${quoted(`${apiUrl}/batch/tasks`)}`,
    '-H "Authorization: Bearer $SHEAF_API_KEY"',
    "-H 'Content-Type: application/json'",
    `-d ${quoted(JSON.stringify(body))}`,
  ].join(' \\\n  ');
}

/** Files as they are called where they came from. */
export interface FileNames {
  readonly template: string;
  readonly data: string;
}

/** @param sheet that was read, of a workbook */
export function sheafCommand(draft: Draft, files: FileNames, sheet: string | undefined): string {
  const options: readonly (readonly [name: string, value: string | undefined])[] = [
    ['template', files.template],
    ['data', files.data],
    ['sheet', sheet],
    ['name', draft.file],
    ...Object.entries(mappingOf(draft)).map(
      ([tag, column]) => ['map', `${tag}=${column}`] as const,
    ),
    ['missing', draft.missing === 'empty' ? undefined : draft.missing],
    ['empty-paragraphs', draft.blank === 'keep' ? undefined : draft.blank],
    ['rows', draft.rows],
    ['group-by', draft.group],
    ['check', draft.faulty === 'warn' ? undefined : draft.faulty],
    ['on-error', draft.failed === 'continue' ? undefined : draft.failed],
    ['mode', draft.mode === 'parallel' ? undefined : draft.mode],
    ['parallel', draft.concurrency === 10 ? undefined : String(draft.concurrency)],
    ['retention-days', draft.days === 7 ? undefined : String(draft.days)],
  ];
  const said = options.flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name} ${quoted(value)}`],
  );
  return ['sheaf generate', ...said].join(' \\\n  ');
}
