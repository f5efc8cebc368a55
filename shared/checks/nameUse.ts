/** What the names of documents would be like, learned row by row. */
import type { Spellings } from '../columns/spellings.ts';
import { MAX_DOCUMENT_NAME_BYTES } from '../limits.ts';
import { compileNames, looksOfName, tellsRow } from '../rendering/documentNames.ts';
import { foldName } from '../rendering/safeNames.ts';
import type { Row } from '../schemas/common.ts';
import { createSameRows } from './sameRows.ts';
import { RowTally } from './tally.ts';

export interface NameUse {
  /** Characters that no file may have in its name were replaced. */
  readonly changed: RowTally;
  /** Names that are too long, and lost some of their text. */
  readonly cut: RowTally;
  /** Names that would be those of earlier rows, but for the number of the row. */
  readonly alike: RowTally;
  /** Rows that give no name. */
  readonly invalid: RowTally;
  /** Of the first of them: what is wrong and what to do. */
  why: { readonly column?: string; readonly detail: string } | undefined;
  /** Whether values are to have with them what is behind them. */
  readonly readsTyped: boolean;
  add(values: Row, row: number): void;
}

interface NamesOf {
  readonly pattern: string;
  /** Of the templates. */
  readonly labels: readonly string[];
  readonly spellings: Spellings | undefined;
  readonly rowCount: number;
}

/** What a name has besides the text that people gave it. */
const NUMBER_BYTES = 24;

/** @throws Problem VALIDATION_ERROR as compileNames() does */
export function createNameUse({ pattern, labels, spellings, rowCount }: NamesOf): NameUse {
  const looks = looksOfName(pattern, spellings);
  // What tells the row by itself is never like another.
  const same = tellsRow(pattern) ? undefined : createSameRows(rowCount);
  const use: NameUse = {
    changed: new RowTally(),
    cut: new RowTally(),
    alike: new RowTally(),
    invalid: new RowTally(),
    why: undefined,
    readsTyped: compileNames(pattern, labels.length, spellings).readsTyped,
    add(values, row) {
      const [template = ''] = labels;
      const looked = looks({ row, template, values });
      if (!looked.ok) {
        use.invalid.add(row);
        use.why ??= looked.failure;
        return;
      }
      const { text, isSafe } = looked;
      if (!isSafe) use.changed.add(row);
      if (text.length * 3 > MAX_DOCUMENT_NAME_BYTES - NUMBER_BYTES) {
        if (Buffer.byteLength(text) > MAX_DOCUMENT_NAME_BYTES - NUMBER_BYTES) use.cut.add(row);
      }
      if (same && same.add(foldName(text), row) > 0) use.alike.add(row);
    },
  };
  return use;
}
