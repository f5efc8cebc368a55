/** Numbers and bullets before paragraphs (ECMA-376 part 1, 17.9): counted in the order of the document. */
import { attribute, child, children, numberOf, valueOf, type XmlNode } from './xmlTree.ts';

export interface ListMark {
  readonly text: string;
  /** The level, with how far its paragraphs are moved in, and how the mark looks. */
  readonly level: XmlNode;
}

export interface Numbering {
  /** The mark of the next paragraph of a list; undefined where it has none. */
  readonly next: (numId: string, level: number) => ListMark | undefined;
  readonly level: (numId: string, level: number) => XmlNode | undefined;
}

interface List {
  /** Lists that share this go on counting where the other stopped. */
  readonly abstractId: string;
  readonly levels: ReadonlyMap<number, XmlNode>;
  readonly starts: ReadonlyMap<number, number>;
}

export function readNumbering(numbering: XmlNode | undefined): Numbering {
  const abstracts = new Map(
    children(numbering, 'abstractNum').map((one) => [attribute(one, 'abstractNumId') ?? '', one]),
  );
  const lists = new Map<string, List>();
  for (const num of children(numbering, 'num')) {
    const abstractId = valueOf(num, 'abstractNumId') ?? '';
    const levels = new Map<number, XmlNode>();
    for (const level of children(abstracts.get(abstractId), 'lvl'))
      levels.set(levelOf(level), level);
    const starts = new Map<number, number>();
    for (const override of children(num, 'lvlOverride')) {
      const own = child(override, 'lvl');
      if (own) levels.set(levelOf(override), own);
      const start = numberOf(valueOf(override, 'startOverride'));
      if (start !== undefined) starts.set(levelOf(override), start);
    }
    lists.set(attribute(num, 'numId') ?? '', { abstractId, levels, starts });
  }
  const counts = new Map<string, number[]>();
  const begun = new Set<string>();

  return {
    level: (numId, level) => lists.get(numId)?.levels.get(level),
    next(numId, level) {
      const list = lists.get(numId);
      const found = list?.levels.get(level);
      if (!list || !found) return undefined;
      const count = counts.get(list.abstractId) ?? [];
      counts.set(list.abstractId, count);
      const start = (at: number) =>
        list.starts.get(at) ?? numberOf(valueOf(list.levels.get(at), 'start')) ?? 1;
      const own = list.starts.get(level);
      const isFirst = own !== undefined && !begun.has(`${numId} ${level}`);
      begun.add(`${numId} ${level}`);
      const before = count[level];
      count[level] = isFirst || before === undefined ? start(level) : before + 1;
      count.length = level + 1;
      const text = (valueOf(found, 'lvlText') ?? '').replace(/%([1-9])/g, (_, digit: string) => {
        const at = Number(digit) - 1;
        return written(count[at] ?? start(at), valueOf(list.levels.get(at), 'numFmt'));
      });
      return { text: valueOf(found, 'numFmt') === 'bullet' ? bullet(text) : text, level: found };
    },
  };
}

const levelOf = (level: XmlNode): number => numberOf(attribute(level, 'ilvl')) ?? 0;

/** Bullets of Symbol and Wingdings lie in the private use area, where other fonts have nothing. */
const BULLETS: Readonly<Record<string, string>> = {
  '\uf0b7': '•',
  '\uf0a7': '▪',
  '\uf0d8': '➢',
  '\uf0fc': '✓',
  '\uf076': '❖',
  '\uf0a8': '◻',
  o: '◦',
};
const bullet = (text: string): string => BULLETS[text] ?? text.replace(/[\ue000-\uf8ff]/g, '•');

/** A number as a format of lists writes it (17.18.59); plain where it is none of the common ones. */
export function written(value: number, format: string | undefined): string {
  switch (format) {
    case 'none':
      return '';
    case 'lowerLetter':
      return letters(value);
    case 'upperLetter':
      return letters(value).toUpperCase();
    case 'lowerRoman':
      return roman(value).toLowerCase();
    case 'upperRoman':
      return roman(value);
    case 'decimalZero':
      return String(value).padStart(2, '0');
    case 'chineseCounting':
    case 'chineseCountingThousand':
    case 'japaneseCounting':
    case 'ideographDigital':
    case 'taiwaneseCountingThousand':
      return chinese(value);
    default:
      return String(value);
  }
}

/** a to z, then aa to zz (not ab, as columns of a sheet have it). */
function letters(value: number): string {
  if (value < 1) return String(value);
  const letter = String.fromCodePoint(97 + ((value - 1) % 26));
  return letter.repeat(Math.min(30, Math.ceil(value / 26)));
}

const ROMAN = [
  [1000, 'M'],
  [900, 'CM'],
  [500, 'D'],
  [400, 'CD'],
  [100, 'C'],
  [90, 'XC'],
  [50, 'L'],
  [40, 'XL'],
  [10, 'X'],
  [9, 'IX'],
  [5, 'V'],
  [4, 'IV'],
  [1, 'I'],
] as const;

function roman(value: number): string {
  if (value < 1 || value > 3_999) return String(value);
  let text = '';
  let rest = value;
  for (const [size, sign] of ROMAN) {
    while (rest >= size) {
      text += sign;
      rest -= size;
    }
  }
  return text;
}

const DIGITS = '〇一二三四五六七八九';

function chinese(value: number): string {
  if (value < 0 || value > 99) return String(value);
  const [tens, ones] = [Math.floor(value / 10), value % 10];
  if (tens === 0) return DIGITS.charAt(ones);
  return `${tens === 1 ? '' : DIGITS.charAt(tens)}十${ones === 0 ? '' : DIGITS.charAt(ones)}`;
}
