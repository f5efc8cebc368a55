/** Numbers by a picture of Word's (`\#`; ECMA-376 part 1, 17.16.4.2). */
import { decimalMark, isZero, readDecimal, round, type Decimal } from './decimals.ts';

/** A character of a picture. */
interface Sign {
  readonly kind: 'digit' | 'mark' | 'sign' | 'literal';
  readonly text: string;
}

/**
 * A value by a picture; unchanged when it holds no number.
 * @param language whose marks count where a text or picture can be read either way
 */
export function formatNumber(picture: string, value: string | number, language: string): string {
  const text = typeof value === 'number' ? plainDigits(value) : value;
  const number = readDecimal(text, typeof value === 'number' ? '.' : decimalMark(language));
  if (!number) return text;
  const [positive = '', negative, zero] = sectionsOf(picture);
  const layout = layOut(signsOf(positive), language);
  const rounded = round(number, layout.places);
  if (zero !== undefined && isZero(rounded))
    return write(zero, { ...number, isNegative: false }, language);
  if (number.isNegative && negative !== undefined) {
    return write(negative, { ...number, isNegative: false }, language);
  }
  return write(positive, number, language);
}

/** Without an exponent. */
const plainDigits = (value: number): string =>
  /e/i.test(String(value))
    ? value.toLocaleString('en-US', { useGrouping: false, maximumFractionDigits: 20 })
    : String(value);

function sectionsOf(picture: string): string[] {
  const sections = [''];
  let isLiteral = false;
  for (const character of picture) {
    if (character === "'") isLiteral = !isLiteral;
    if (character === ';' && !isLiteral) sections.push('');
    else sections[sections.length - 1] += character;
  }
  return sections;
}

function signsOf(picture: string): Sign[] {
  const signs: Sign[] = [];
  let isLiteral = false;
  for (const character of picture) {
    if (character === "'") isLiteral = !isLiteral;
    else if (isLiteral) signs.push({ kind: 'literal', text: character });
    else if (/[0#x]/i.test(character)) signs.push({ kind: 'digit', text: character.toLowerCase() });
    else if (/[.,]/.test(character)) signs.push({ kind: 'mark', text: character });
    else if (/[+-]/.test(character)) signs.push({ kind: 'sign', text: character });
    else signs.push({ kind: 'literal', text: character });
  }
  return signs;
}

interface Layout {
  readonly before: readonly Sign[];
  readonly after: readonly Sign[];
  /** Digits behind the point. */
  readonly places: number;
  readonly point: string;
  /** Between groups of three digits; '' for none. */
  readonly group: string;
}

/** Finds the mark before the fraction among those of a picture. */
function layOut(signs: readonly Sign[], language: string): Layout {
  const isDigit = ({ kind }: Sign) => kind === 'digit';
  const first = signs.findIndex(isDigit);
  const last = signs.findLastIndex(isDigit);
  const marks = signs.flatMap(({ kind, text }, i) =>
    kind === 'mark' && i < last ? [{ text, i }] : [],
  );
  const end = marks.at(-1);
  const isOnly = end !== undefined && marks.filter(({ text }) => text === end.text).length === 1;
  const behind = end === undefined ? 0 : signs.slice(end.i).filter(isDigit).length;
  const isGroup =
    marks.length === 1 &&
    behind === 3 &&
    end?.text !== decimalMark(language) &&
    end !== undefined &&
    end.i > first &&
    first !== -1;
  const point = isOnly && !isGroup ? end.i : -1;
  const before = point === -1 ? signs : signs.slice(0, point);
  return {
    before,
    after: point === -1 ? [] : signs.slice(point + 1),
    places: point === -1 ? 0 : behind,
    point: point === -1 ? '' : (end?.text ?? ''),
    // `,0.00` groups as `#,##0.00` does; a mark before anything else is text.
    group:
      before.find(({ kind }, i) => kind === 'mark' && before[i + 1]?.kind === 'digit')?.text ?? '',
  };
}

function write(picture: string, number: Decimal, language: string): string {
  const { before, after, places, point, group } = layOut(signsOf(picture), language);
  const { isNegative, whole, fraction } = round(number, places);
  const isLess = isNegative && !isZero({ isNegative, whole, fraction });
  const hasSign = [...before, ...after].some(({ kind }) => kind === 'sign');
  const signOf = (text: string) => (isLess ? '-' : text === '+' ? '+' : ' ');

  let written = '';
  let used = 0;
  const digits = before.filter(({ kind }) => kind === 'digit').length;
  let left = digits;
  const put = (digit: string) => {
    if (group !== '' && used > 0 && used % 3 === 0) written = group + written;
    written = digit + written;
    used++;
  };
  for (const { kind, text } of before.toReversed()) {
    if (kind === 'mark') continue;
    if (kind !== 'digit') written = (kind === 'sign' ? signOf(text) : text) + written;
    else {
      left--;
      const digit = whole[whole.length - 1 - used];
      if (digit !== undefined) put(digit);
      else if (text === '0') put('0');
      if (left > 0 || text === 'x') continue;
      while (used < whole.length) put(whole[whole.length - 1 - used] ?? '');
    }
  }
  if (digits === 0) {
    while (used < whole.length) put(whole[whole.length - 1 - used] ?? '');
  }

  let tail = '';
  let place = 0;
  const lastNeeded = Math.max(
    fraction.replace(/0+$/, '').length,
    after.filter(({ kind }) => kind === 'digit').findLastIndex(({ text }) => text === '0') + 1,
  );
  for (const { kind, text } of after) {
    if (kind === 'mark') continue;
    if (kind !== 'digit') tail += kind === 'sign' ? signOf(text) : text;
    else {
      if (place < lastNeeded) tail += fraction[place] ?? '0';
      place++;
    }
  }
  const result = `${written}${places > 0 && lastNeeded > 0 ? point : ''}${tail}`;
  return `${isLess && !hasSign ? '-' : ''}${result}`.trim();
}
