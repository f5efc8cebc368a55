/** Rows of a table, as they were read. */
import type { JSX } from 'preact';
import type { PreviewRow } from '../../../shared/schemas/dataSourceApi.ts';
import { readPath } from '../../../shared/tags/readPath.ts';
import { useApp } from '../../app/app.ts';
import type { FaultOf } from './findings.ts';

/** Columns that are shown: more are nothing to look at. */
const MOST_COLUMNS = 60;
const MOST_CHARACTERS = 160;

/** What a cell shows; undefined for an empty one. */
export function shownValue(values: PreviewRow['values'], column: string): string | undefined {
  const value = readPath(values, column);
  if (value === undefined || value === null || value === '') return undefined;
  const text = plainText(value);
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)} …` : text;
}

/** Values in words: entries of lists and fields of objects one after the other. */
function plainText(value: unknown): string {
  if (Array.isArray(value)) return value.map(plainText).join('; ');
  if (typeof value === 'object' && value !== null) {
    return Object.values(value).map(plainText).join(', ');
  }
  return typeof value === 'string' ? value : JSON.stringify(value ?? '');
}

export function RowsTable({
  rows,
  columns,
  label,
  faultOf,
}: {
  readonly rows: readonly PreviewRow[];
  readonly columns: readonly string[];
  readonly label: string;
  readonly faultOf?: FaultOf;
}): JSX.Element {
  const { texts } = useApp();
  const words = texts.data;
  return (
    // Scrolled by the keyboard, too.
    <div class="scroll" role="group" aria-label={label} tabIndex={0}>
      <table class="plain-table">
        <thead>
          <tr>
            <th scope="col">{words.rowNumber}</th>
            {columns.slice(0, MOST_COLUMNS).map((column) => (
              <th scope="col" key={column}>
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ row, values, problems = [] }) => (
            <tr key={row}>
              <th scope="row">{row}</th>
              {columns.slice(0, MOST_COLUMNS).map((column) => {
                const unread = problems.find((problem) => problem.column === column);
                const fault = unread?.detail ?? faultOf?.(row, column);
                const shown = unread ? undefined : shownValue(values, column);
                return (
                  <td
                    key={column}
                    class={fault === undefined ? undefined : 'faulty'}
                    title={fault ?? shown}
                  >
                    {shown ?? <i>{unread ? words.notRead : words.emptyCell}</i>}
                    {fault !== undefined && (
                      <span class="visually-hidden">
                        {texts.signs.colon}
                        {fault}
                      </span>
                    )}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
