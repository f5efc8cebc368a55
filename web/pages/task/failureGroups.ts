/** Failures by what caused them: what is mended once for all rows of it. */
import type { FailureView } from '../../../shared/schemas/taskApi.ts';

export interface FailureGroup {
  /** The same for the same cause, also in another listing. */
  readonly key: string;
  readonly code: FailureView['code'];
  readonly tag: string | null;
  readonly column: string | null;
  /** That of its first row. */
  readonly detail: string;
  /** Ascending, each once. */
  readonly rows: readonly number[];
}

/** What failures of one cause share; numbers in a sentence, such as those of rows, are not the cause. */
const keyOf = ({ code, tag, column, detail }: FailureView): string => {
  const about =
    tag === null && column === null
      ? [detail.replace(/\d[\d,.]*/g, '#')]
      : [tag ?? '', column ?? ''];
  return [code, ...about.map(encodeURIComponent)].join(':');
};

/** Groups, those of most rows first; of as many, in the order of rows. */
export function groupFailures(failures: readonly FailureView[]): FailureGroup[] {
  const groups = new Map<string, { first: FailureView; rows: Set<number> }>();
  for (const failure of failures) {
    const key = keyOf(failure);
    const group = groups.get(key) ?? { first: failure, rows: new Set() };
    group.rows.add(failure.row);
    groups.set(key, group);
  }
  return [...groups]
    .map(
      ([
        key,
        {
          first: { code, tag, column, detail },
          rows,
        },
      ]) => ({
        key,
        code,
        tag,
        column,
        detail,
        rows: [...rows].sort((a, b) => a - b),
      }),
    )
    .sort((a, b) => b.rows.length - a.rows.length);
}

/** Rows as the API takes them: 3,7-9. @param rows ascending */
export function spansOf(rows: readonly number[]): string {
  const spans: [number, number][] = [];
  for (const row of rows) {
    const last = spans.at(-1);
    if (last && row === last[1] + 1) last[1] = row;
    else spans.push([row, row]);
  }
  return spans.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(',');
}
