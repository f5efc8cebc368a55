/** The columns of the table of results that are not those of its rows. */
import type { TaskItem } from '../schemas/items.ts';
import type { Cell } from '../workbooks/cells.ts';
import type { DocumentResult } from './documentResults.ts';
import type { ResultRow } from './resultRows.ts';
import { ArchivedFile, type StepColumns, type StepValue } from './stepColumns.ts';
import { labelsOf } from '../tasks/parts.ts';

const STATUS = 'status';
const FAILURE = 'failure';
const DETAIL = 'detail';
const DOCUMENT = 'document';
/** What a row was corrected to, where its columns show what it was before. */
const CORRECTED = 'corrected';

/** Columns behind those of the rows. */
export interface ResultColumns {
  readonly names: readonly string[];
  /** One for each name. */
  valuesOf(row: ResultRow): StepValue[];
}

/** Names that none of the others has, for readers that do not tell case apart. */
function uniqueNames(wanted: readonly string[], others: readonly string[]): string[] {
  const folded = (name: string) => name.normalize('NFKC').trim().toLowerCase();
  const taken = new Set(others.map(folded));
  return wanted.map((name) => {
    let unique = name;
    for (let i = 2; taken.has(folded(unique)); i++) unique = `${name} (${i})`;
    taken.add(folded(unique));
    return unique;
  });
}

/** Why documents of a row failed: the codes, and what is wrong, each by its template where there are several. */
function failureOf(documents: readonly DocumentResult[], labels: readonly string[]) {
  const codes = new Set<string>();
  const details: string[] = [];
  for (const [part, document] of documents.entries()) {
    if (document.status !== 'failed') continue;
    const { code, detail } = document.failure;
    codes.add(code);
    details.push(labels.length > 1 ? `${labels[part]}: ${detail}` : detail);
  }
  return { codes: [...codes].join(', '), details: details.join('\n') };
}

/**
 * The columns behind those of the rows.
 * @param before names of the columns that stand before them
 * @param tellsCorrections whether those show what rows were before they were corrected
 */
export function resultColumns(
  task: Pick<TaskItem, 'templates' | 'steps' | 'correctedBy'>,
  steps: Pick<StepColumns, 'names'>,
  before: readonly string[],
  tellsCorrections = false,
): ResultColumns {
  const { correctedBy } = task;
  const labels = labelsOf(task);
  const hasCorrections = tellsCorrections && correctedBy !== undefined;
  const wanted = [
    ...(hasCorrections ? [CORRECTED] : []),
    ...steps.names,
    STATUS,
    FAILURE,
    DETAIL,
    ...(labels.length === 1 ? [DOCUMENT] : labels),
  ];
  return {
    names: uniqueNames(wanted, before),
    valuesOf({ correction, answers, status, documents }) {
      const { codes, details } = failureOf(documents, labels);
      return [
        ...(hasCorrections ? [correction && { ...correction.values, ...correction.inner }] : []),
        ...steps.names.map((_, i) => answers[i]),
        status,
        codes,
        details,
        ...documents.map((document) =>
          document.status === 'succeeded' ? new ArchivedFile(document.name) : undefined,
        ),
      ];
    },
  };
}

/** A value as the cell of a workbook. Lists and objects are their JSON. */
export function cellOf(value: StepValue): Cell {
  if (value === undefined || value === null || value === '') return null;
  if (value instanceof ArchivedFile) return { value: value.name, link: value.name, look: 'link' };
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  // What looks like a formula or a number stays a text when it is edited.
  return { value: typeof value === 'string' ? value : JSON.stringify(value), format: 'text' };
}
