/** Formats of lists: how many, how much together, one behind the other. */
import { readClearNumber, sumOf, type ClearNumber } from '../../formats/clearNumbers.ts';
import { readPath } from '../readPath.ts';
import { shownOf, typedOf } from '../shown.ts';
import { NoValue, type FormatContext, type FormatKind } from './format.ts';
import { isNothing, isScalar, ofLists } from './values.ts';

export const count: FormatKind = {
  least: 0,
  most: 0,
  usage: 'count',
  reads: 'list',
  compile: () => ofLists((entries) => entries.length),
};

/** What an entry has in a column; the entry itself where none is named. */
const entryValue = (entry: unknown, column: string | undefined, { spellings }: FormatContext) =>
  column === undefined ? entry : readPath(entry, column, spellings);

export const sum: FormatKind = {
  least: 0,
  most: 1,
  usage: 'sum:"price"',
  reads: 'list',
  columnOf: ([column]) => column,
  compile: ([column]) =>
    ofLists((entries, context) => {
      const numbers: ClearNumber[] = [];
      for (const [i, entry] of entries.entries()) {
        const value = entryValue(entry, column, context);
        // As Excel has it, what is blank adds nothing.
        if (isNothing(value)) continue;
        const number = readClearNumber(typedOf(value)) ?? readClearNumber(shownOf(value));
        if (!number) return noNumber(i, column);
        numbers.push(number);
      }
      return sumOf(numbers)?.value ?? TOO_LARGE;
    }),
};

const noNumber = (i: number, column: string | undefined) =>
  new NoValue({
    lacks: 'no number that can be read in one way only',
    advice:
      column === undefined
        ? 'Write numbers as 1234.5, or name the column to add up, as in sum:"price".'
        : 'Write numbers as 1234.5.',
    inner: `[${i + 1}]${column === undefined ? '' : `.${column}`}`,
  });

const TOO_LARGE = new NoValue({
  lacks: 'numbers whose sum has more digits than a number keeps',
  advice: 'Add up fewer of them.',
});

export const join: FormatKind = {
  least: 0,
  most: 2,
  usage: 'join:", ":"name"',
  reads: 'list',
  columnOf: ([, column]) => column,
  compile: ([between = ', ', column]) =>
    ofLists((entries, context) => {
      const texts: string[] = [];
      for (const [i, entry] of entries.entries()) {
        const value = entryValue(entry, column, context);
        if (isNothing(value)) continue;
        const shown = shownOf(value);
        if (!isScalar(shown)) return noText(i, column);
        texts.push(String(shown));
      }
      return texts.join(between);
    }),
};

const noText = (i: number, column: string | undefined) =>
  new NoValue({
    lacks: 'a group of values',
    advice: 'Name the column that is to be listed, as in join:", ":"name".',
    inner: `[${i + 1}]${column === undefined ? '' : `.${column}`}`,
  });
