/** What is suspicious about the values of single columns. */
import { quoteName } from '../columns/quoteName.ts';
import type { FindingCode } from '../problems.ts';
import type { ColumnProfile, Oddity } from './columnProfile.ts';
import { shapeOf } from './columnProfiles.ts';
import { many, rowsOf, type CheckedOrder, type Found } from './found.ts';
import { joined, type Tally } from './tally.ts';
import { KIND_NAMES, type ValueKind } from './valueKinds.ts';

/** A column is of a kind when so much of it is. */
const MAIN_SHARE = 0.9;
/** Fewer values say nothing about what is usual. */
const LEAST_VALUES = 5;
/** Of numbers that are names: so many are as long as most. */
const CODE_SHARE = 0.7;
/** A zero or two is lost, not more. */
const MOST_ZEROS = 2;
/** A text is long that has so many characters, and so many times those of the others. */
const LONG_CHARACTERS = 1_000;
const LONG_TIMES = 20;

/** Columns of which people say that they hold dates. */
const DATE_NAME =
  /(?:^|[^a-z])(?:dates?|datum|birth\w*|dob|geburts?\w*|fecha|naissance|deadline|due date)(?:$|[^a-z])|(?:birthday|_date|Date|datum)$|日期|日付|时间|時間|生日|出生/i;

/** Columns of numbers that are names, and keep the zeros in front. */
const CODE_NAME =
  /zip|postal|postcode|plz|post code|cap\b|code|\bid\b|\bno\b|nr\b|number|nummer|phone|tel|fax|mobile|account|konto|iban|sku|ean|isbn|ssn|编号|編號|邮编|郵編|电话|電話|手机|账号|帳號|学号|工号|身份证/i;

/** Findings about columns that no tag reads are told, too, but worry nobody. */
export function columnFindings({ scanned, compared, columns }: CheckedOrder): Found[] {
  const unused = new Set(compared.unused);
  // A tag may read one entry of a list and no other.
  const read = new Set(columns.filter((column) => !unused.has(column)).map(shapeOf));
  const unread = new Set([...unused].map(shapeOf));
  /** Of a column that no tag reads, what is in it is not read either. */
  const isUnread = (shape: string) =>
    !read.has(shape) && [shape, ...holdersOf(shape)].some((each) => unread.has(each));
  return scanned.columns.flatMap((profile) => {
    const isRead = !isUnread(profile.name);
    return [
      ...oddityFindings(profile),
      ...zeroFindings(profile),
      ...kindFindings(profile),
      ...lengthFindings(profile),
    ].map((found): Found => (isRead ? found : { ...found, severity: 'info' }));
  });
}

/** The paths that a path leads through. */
const holdersOf = (shape: string): string[] =>
  Array.from(shape.matchAll(/\.|\[\]/g), ({ index }) => shape.slice(0, index));

interface OddityText {
  readonly code: FindingCode;
  readonly severity: Found['severity'];
  /** What the cells have, behind "has" or "have". */
  readonly has: string;
  readonly suggestion: string;
}

const ODDITIES: Record<Oddity, OddityText> = {
  illegal: {
    code: 'CHARACTERS_ILLEGAL',
    severity: 'warning',
    has: 'characters that a Word document cannot hold, such as control characters',
    suggestion: 'Remove them, as with CLEAN() in Excel: documents that read such a cell fail.',
  },
  garbled: {
    code: 'CHARACTERS_GARBLED',
    severity: 'warning',
    has: 'characters that came out wrong, such as � or Ã¤ instead of ä',
    suggestion: 'Say which encoding the file has when it is completed, or export it as UTF-8.',
  },
  bidi: {
    code: 'CHARACTERS_BIDI',
    severity: 'warning',
    has: 'invisible signs that turn the direction of writing',
    suggestion:
      'Remove them, unless the text is Arabic or Hebrew: it may read otherwise than it is.',
  },
  edges: {
    code: 'BLANKS_AROUND',
    severity: 'info',
    has: 'blanks before or behind the value, which are printed with it',
    suggestion: 'Remove them, as with TRIM() in Excel.',
  },
  hashes: {
    code: 'VALUE_HIDDEN',
    severity: 'warning',
    has: 'nothing but number signs: Excel shows these where a column is too narrow',
    suggestion: 'Make the column wider in Excel and export the file again.',
  },
  shortened: {
    code: 'NUMBER_SHORTENED',
    severity: 'warning',
    has: 'numbers like 1.23457E+11, whose last digits are lost',
    suggestion: 'Format the column as Number or Text in Excel and export the file again.',
  },
  rounded: {
    code: 'DIGITS_LOST',
    severity: 'warning',
    has: 'more than 15 digits and end with zeros, as Excel makes of longer numbers',
    suggestion: 'Format the column as Text before the numbers are entered, and enter them again.',
  },
  cut: {
    code: 'VALUE_CUT',
    severity: 'warning',
    has: 'exactly 32,767 characters, as a cell of Excel holds at most: the end is probably lost',
    suggestion: 'Look for the whole text where it came from.',
  },
};

/** A column of the data: of a list the first in which something was met. */
const columnOf = (name: string, { cells = [] }: Tally): string => cells[0]?.column ?? name;

/** What a tag is called that reads a column: of a list within its section. */
const tagOf = (name: string): string => /^.*\[\]\.?(.*)$/s.exec(name)?.[1] ?? name;

const oddityFindings = ({ name, oddities, long }: ColumnProfile): Found[] =>
  oddities
    .entries()
    // Where others end otherwise, they are real.
    .filter(([oddity, { times }]) => oddity !== 'rounded' || times === long)
    .map(([oddity, at]): Found => {
      const { code, severity, has, suggestion } = ODDITIES[oddity];
      return {
        code,
        severity,
        column: columnOf(name, at),
        at,
        detail: `The column ${quoteName(name)} has cells, in ${rowsOf(at.count)}, that have ${has}.`,
        suggestion,
      };
    });

/** Digits that are shorter than the others by a zero or two. */
function zeroFindings(profile: ColumnProfile): Found[] {
  const { name, zeroLed, zeroLedLengths, digits, values } = profile;
  const lengths = digits.entries().sort(([a], [b]) => a - b);
  const all = lengths.reduce((sum, [, { times }]) => sum + times, 0) + zeroLed;
  if (values < LEAST_VALUES || all < values * MAIN_SHARE) return [];
  const counts = new Map(zeroLedLengths);
  for (const [length, { times }] of lengths) counts.set(length, (counts.get(length) ?? 0) + times);
  const [[wanted, usual] = [0, 0]] = [...counts].sort(([a, m], [b, n]) => n - m || b - a);
  const longest = Math.max(0, ...counts.keys());
  const isCode =
    zeroLed > 0 || (CODE_NAME.test(name) && usual >= all * CODE_SHARE && wanted === longest);
  if (!isCode || wanted < 3) return [];
  const short = lengths.filter(
    ([length]) => length < wanted && length >= wanted - MOST_ZEROS && length > 1,
  );
  const met = short.reduce((sum, [, { times }]) => sum + times, 0);
  if (met === 0 || met > all / 2) return [];
  const at = joined(short.map(([, tally]) => tally));
  return [
    {
      code: 'ZEROS_LOST',
      severity: 'warning',
      column: columnOf(name, at),
      at,
      detail: `The column ${quoteName(name)} holds numbers of ${wanted} digits; those of ${rowsOf(at.count)} have fewer: Excel drops zeros in front of a number.`,
      suggestion: `Format the column as Text in Excel and enter these again, or let the tag add the zeros: {${tagOf(name) || '.'} | number:"${'0'.repeat(wanted)}"}.`,
    },
  ];
}

/** Values of another kind than the others of their column, and dates that became numbers. */
function kindFindings(profile: ColumnProfile): Found[] {
  const { name, kinds, values, serials } = profile;
  if (values === 0) return [];
  const known = kinds.entries();
  const dates = kinds.times('date');
  const isOfDates = DATE_NAME.test(name) || dates >= values / 2;
  // Numbers of other kinds beside them say that it holds none.
  const isMostly = dates + serials.times >= values / 2;
  if (isOfDates && isMostly && serials.times > 0 && kinds.times('number') >= serials.times) {
    return [
      {
        code: 'DATE_AS_NUMBER',
        severity: 'warning',
        column: columnOf(name, serials),
        at: serials,
        detail: `The column ${quoteName(name)} seems to hold dates, and plain numbers such as Excel counts days by in ${rowsOf(serials.count)}.`,
        suggestion: 'Format the cells as Date in Excel and export the file again.',
      },
    ];
  }
  const [main] = [...known].sort(([, a], [, b]) => b.times - a.times);
  if (!main || values < LEAST_VALUES) return [];
  const [kind, { times }] = main;
  // Among texts a number is a text, too.
  if (kind === 'text' || times < values * MAIN_SHARE || times === values) return [];
  const others = known.filter(([other]) => other !== kind);
  const at: Tally = joined(others.map(([, tally]) => tally));
  return [
    {
      code: 'KINDS_MIXED',
      severity: 'warning',
      column: columnOf(name, at),
      at,
      detail: `The column ${quoteName(name)} holds ${KIND_NAMES[kind]}, but for ${rowsOf(at.count)}, which have ${listOf(others.map(([other]) => other))}.`,
      suggestion: 'Look whether these cells are what they should be.',
    },
  ];
}

const listOf = (kinds: readonly ValueKind[]) => kinds.map((kind) => KIND_NAMES[kind]).join(' or ');

/** A text that is far longer than the others. */
function lengthFindings(profile: ColumnProfile): Found[] {
  const { name, longest, longestRow, longestColumn, characters, values } = profile;
  if (longest < LONG_CHARACTERS || values < LEAST_VALUES) return [];
  const others = (characters - longest) / (values - 1);
  if (longest < LONG_TIMES * Math.max(1, others)) return [];
  return [
    {
      code: 'VALUE_LONG',
      severity: 'warning',
      column: longestColumn ?? name,
      at: { count: 1, rows: [longestRow] },
      detail: `The column ${quoteName(name)} has a value of ${many(longest)} characters; the others have ${many(Math.round(others))} on average.`,
      suggestion: 'Look whether something was pasted into the wrong cell.',
    },
  ];
}
