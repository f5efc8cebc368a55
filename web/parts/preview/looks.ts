/**
 * How properties of Word look in a browser: only numbers that were read as such, colours of six digits, and
 * words of lists that are written here become styles, so that no text of a document does.
 */
import type { Properties, Styles } from './styles.ts';
import { attribute, children, numberOf, type XmlNode } from './xmlTree.ts';

export const TWIPS_PER_POINT = 20;
export const EMU_PER_POINT = 12_700;
/** Longer than any page. */
const MOST_POINTS = 5_000;
/** Eighths of a point: the width of lines. */
const EIGHTHS = 8;
/** A line of text, by its size: fonts differ between 1.15 and 1.3. */
const LINE = 1.2;
/** `w:line` of single lines. */
const SINGLE_LINE = 240;

/** Strict documents may say units (22.9.2.15): in points. */
const UNITS: Readonly<Record<string, number>> = {
  pt: 1,
  in: 72,
  cm: 72 / 2.54,
  mm: 72 / 25.4,
  pc: 12,
  pi: 12,
};
const WITH_UNIT = /^-?[\d.]+(pt|in|cm|mm|pc|pi)$/;

/** Twips as points; undefined where it is no number, or none that a page could have. */
export function points(twips: string | undefined, per = TWIPS_PER_POINT): number | undefined {
  const value = numberOf(twips);
  if (value === undefined) return undefined;
  const [, unit = ''] = WITH_UNIT.exec(twips ?? '') ?? [];
  const size = value * (UNITS[unit] ?? 1 / per);
  return Math.abs(size) > MOST_POINTS ? undefined : size;
}

type StyleName = Exclude<
  {
    [K in keyof CSSStyleDeclaration]: CSSStyleDeclaration[K] extends string ? K : never;
  }[keyof CSSStyleDeclaration],
  number | 'cssText'
>;

export const put = (element: HTMLElement, name: StyleName, value: string | undefined): void => {
  if (value !== undefined) element.style[name] = value;
};
export const pt = (value: number | undefined): string | undefined =>
  value === undefined ? undefined : `${value}pt`;

export const colour = (value: string | undefined): string | undefined =>
  value !== undefined && /^[0-9a-f]{6}$/i.test(value) ? `#${value}` : undefined;

/** Colours of the marker (17.18.40). */
const HIGHLIGHTS: Readonly<Record<string, string>> = {
  yellow: '#ffff00',
  green: '#00ff00',
  cyan: '#00ffff',
  magenta: '#ff00ff',
  blue: '#0000ff',
  red: '#ff0000',
  darkBlue: '#000080',
  darkCyan: '#008080',
  darkGreen: '#008000',
  darkMagenta: '#800080',
  darkRed: '#800000',
  darkYellow: '#808000',
  darkGray: '#808080',
  lightGray: '#c0c0c0',
  black: '#000000',
};

/** Fonts of the same widths that machines without Office have. */
const ALIKE: Readonly<Record<string, string>> = {
  calibri: 'Carlito',
  cambria: 'Caladea',
  arial: 'Liberation Sans',
  'times new roman': 'Liberation Serif',
  'courier new': 'Liberation Mono',
};
const SERIF = /times|cambria|georgia|garamond|palatino|book|roman|serif|song|宋|明|mincho/i;
const MONO = /courier|consolas|mono|menlo/i;

function fontFamily(names: readonly (string | undefined)[]): string | undefined {
  const known = names.flatMap((name) => {
    // Names of fonts are short and have no quotes.
    if (name === undefined || !/^[\p{L}\p{N} ._-]{1,60}$/u.test(name)) return [];
    const alike = ALIKE[name.toLowerCase()];
    return alike === undefined ? [name] : [name, alike];
  });
  const [first] = known;
  if (first === undefined) return undefined;
  const generic = MONO.test(first)
    ? 'monospace'
    : SERIF.test(first) && !/sans/i.test(first)
      ? 'serif'
      : 'sans-serif';
  return [...new Set(known)]
    .map((name) => `"${name}"`)
    .concat(generic)
    .join(', ');
}

/** A run: a stretch of text that looks the same. */
export function dressRun(element: HTMLElement, run: Properties, { themeFont }: Styles): void {
  const font = (script: 'ascii' | 'eastAsia') => {
    const theme = run.attribute('rFonts', `${script}Theme`);
    return (theme === undefined ? undefined : themeFont(theme)) ?? run.attribute('rFonts', script);
  };
  put(element, 'fontFamily', fontFamily([font('ascii'), font('eastAsia')]));
  const size = points(run.value('sz'), 2);
  if (size !== undefined && size > 0) put(element, 'fontSize', pt(size));
  if (run.isOn('b')) put(element, 'fontWeight', 'bold');
  if (run.isOn('i')) put(element, 'fontStyle', 'italic');
  const lines = [
    run.isOn('u') && 'underline',
    (run.isOn('strike') || run.isOn('dstrike')) && 'line-through',
  ].filter((line) => line !== false);
  if (lines.length > 0) put(element, 'textDecorationLine', lines.join(' '));
  if (run.isOn('caps')) put(element, 'textTransform', 'uppercase');
  if (run.isOn('smallCaps')) put(element, 'fontVariantCaps', 'small-caps');
  put(element, 'color', colour(run.value('color')));
  const marked = run.value('highlight');
  put(
    element,
    'backgroundColor',
    (marked === undefined ? undefined : HIGHLIGHTS[marked]) ?? colour(run.attribute('shd', 'fill')),
  );
  const raised = run.value('vertAlign');
  if (raised === 'superscript' || raised === 'subscript') {
    put(element, 'verticalAlign', raised === 'superscript' ? 'super' : 'sub');
    put(element, 'fontSize', size === undefined ? '65%' : pt(size * 0.65));
  }
  put(element, 'letterSpacing', pt(points(run.value('spacing'))));
}

const ALIGNMENTS: Readonly<Record<string, string>> = {
  center: 'center',
  right: 'end',
  end: 'end',
  both: 'justify',
  distribute: 'justify',
  left: 'start',
  start: 'start',
};

export interface Gaps {
  readonly before: number;
  readonly after: number;
}

/** Space around a paragraph, in points. */
export const gapsOf = (paragraph: Properties): Gaps => ({
  before: points(paragraph.attribute('spacing', 'before')) ?? 0,
  after: points(paragraph.attribute('spacing', 'after')) ?? 0,
});

/** How far a paragraph is moved in, in points. */
export function indentOf(paragraph: Properties): {
  readonly left: number;
  readonly right: number;
  readonly first: number;
} {
  const of = (...names: string[]) =>
    names.map((name) => points(paragraph.attribute('ind', name))).find((one) => one !== undefined);
  const hanging = of('hanging');
  return {
    left: of('start', 'left') ?? 0,
    right: of('end', 'right') ?? 0,
    first: hanging === undefined ? (of('firstLine') ?? 0) : -hanging,
  };
}

export function dressParagraph(element: HTMLElement, paragraph: Properties): void {
  put(element, 'textAlign', ALIGNMENTS[paragraph.value('jc') ?? ''] ?? 'start');
  const { left, right, first } = indentOf(paragraph);
  put(element, 'marginInlineStart', pt(left));
  put(element, 'marginInlineEnd', pt(right));
  put(element, 'textIndent', pt(first));
  const line = numberOf(paragraph.attribute('spacing', 'line'));
  const rule = paragraph.attribute('spacing', 'lineRule');
  if (line !== undefined && line > 0) {
    const isExact = rule === 'exact' || rule === 'atLeast';
    put(
      element,
      'lineHeight',
      isExact ? pt(line / TWIPS_PER_POINT) : String((LINE * line) / SINGLE_LINE),
    );
  }
  put(element, 'backgroundColor', colour(paragraph.attribute('shd', 'fill')));
  dressBorders(element, [paragraph.get('pBdr')]);
  if (paragraph.isOn('bidi')) element.dir = 'rtl';
}

const SIDES = [
  ['Top', ['top']],
  ['Right', ['right', 'end']],
  ['Bottom', ['bottom']],
  ['Left', ['left', 'start']],
] as const;
const LINES: Readonly<Record<string, string>> = {
  dotted: 'dotted',
  dashed: 'dashed',
  dashSmallGap: 'dashed',
  dotDash: 'dashed',
  double: 'double',
};

export type Side = (typeof SIDES)[number][0];

/**
 * Lines around something, of the first element that names each side.
 * @param named which name stands for a side, where it is another than its own
 */
export function dressBorders(
  element: HTMLElement,
  sources: readonly (XmlNode | undefined)[],
  named?: (side: Side) => string | undefined,
): void {
  for (const [side, names] of SIDES) {
    const wanted: readonly string[] = [named?.(side) ?? '', ...names];
    const line = firstLine(sources, wanted, named?.(side));
    const style = attribute(line, 'val');
    if (line === undefined || style === undefined) continue;
    if (style === 'nil' || style === 'none') {
      put(element, `border${side}`, 'none');
      continue;
    }
    const width = Math.max(0.5, points(attribute(line, 'sz'), EIGHTHS) ?? 0.5);
    put(
      element,
      `border${side}`,
      `${style === 'double' ? Math.max(2, width * 3) : width}pt ${LINES[style] ?? 'solid'} ${colour(attribute(line, 'color')) ?? '#000'}`,
    );
    const gap = points(attribute(line, 'space'), 1);
    if (gap !== undefined && gap > 0 && element.tagName === 'P') {
      put(element, `padding${side}`, pt(gap));
    }
  }
}

/** The first source is the element's own, whose sides are called by their names; the others are those of a table. */
function firstLine(
  [own, ...others]: readonly (XmlNode | undefined)[],
  names: readonly string[],
  inner: string | undefined,
): XmlNode | undefined {
  const of = (source: XmlNode | undefined, wanted: readonly string[]) =>
    wanted.map((name) => children(source, name)[0]).find((line) => line !== undefined);
  const line = of(own, names.slice(1));
  if (line) return line;
  for (const source of others) {
    const found = of(source, inner === undefined ? names.slice(1) : [inner]);
    if (found) return found;
  }
  return undefined;
}
