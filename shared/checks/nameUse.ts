/** What the names of documents would be like, learned row by row. */
import type { Spellings } from '../columns/spellings.ts';
import { MAX_DOCUMENT_NAME_BYTES } from '../limits.ts';
import { looksOfNames } from '../rendering/documentNames.ts';
import { foldName } from '../rendering/safeNames.ts';
import type { Row, RowFailure } from '../schemas/common.ts';
import { shapeOf } from './columnProfiles.ts';
import { createSameRows } from './sameRows.ts';
import { RowTally, type MetAt } from './tally.ts';

/** Rows that give no name, for one reason. */
export interface NamelessRows {
  readonly tally: RowTally;
  /** Of the first of them: what is wrong and what to do. */
  readonly detail: string;
}

export interface NameUse {
  /** Characters that no file may have in its name were replaced. */
  readonly changed: RowTally;
  /** Names that are too long, and lost some of their text. */
  readonly cut: RowTally;
  /** Names that would be those of earlier rows, but for the number of the row. */
  readonly alike: RowTally;
  /** Whether all names were compared with each other. */
  readonly comparesAll: boolean;
  /** By what is wrong. */
  readonly nameless: ReadonlyMap<string, NamelessRows>;
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
const NO_COLUMN = '';

/** @throws Problem VALIDATION_ERROR as compileNames() does */
export function createNameUse({ pattern, labels, spellings, rowCount }: NamesOf): NameUse {
  const looks = looksOfNames(pattern, spellings);
  // What tells the row by itself is never like another.
  const same = looks.tellsRow ? undefined : createSameRows(rowCount);
  const changed = new RowTally();
  const cut = new RowTally();
  const alike = new RowTally();
  const nameless = new Map<string, NamelessRows>();
  let column = NO_COLUMN;
  const at: MetAt = { column: () => column };

  function refuse(failure: RowFailure, row: number): void {
    // One reason, whichever entry of a list it is about.
    const why = shapeOf(failure.detail);
    const rows = nameless.get(why) ?? { tally: new RowTally(), detail: failure.detail };
    nameless.set(why, rows);
    column = failure.column ?? NO_COLUMN;
    rows.tally.add(row, column === NO_COLUMN ? undefined : at);
  }

  const [template = ''] = labels;
  return {
    changed,
    cut,
    alike,
    nameless,
    readsTyped: looks.readsTyped,
    get comparesAll() {
      return !same?.isPartial;
    },
    add(values, row) {
      const looked = looks.look({ row, template, values });
      if (!looked.ok) {
        refuse(looked.failure, row);
        return;
      }
      const { text, isSafe } = looked;
      if (!isSafe) changed.add(row);
      if (text.length * 3 > MAX_DOCUMENT_NAME_BYTES - NUMBER_BYTES) {
        if (Buffer.byteLength(text) > MAX_DOCUMENT_NAME_BYTES - NUMBER_BYTES) cut.add(row);
      }
      if (same && same.add(foldName(text), row) > 0) alike.add(row);
    },
  };
}
