/** What a report adds to the styles of a workbook: fills of marked cells, and the looks of its own sheet. */
import {
  appendTo,
  childOf,
  insertInto,
  readElements,
  type XmlElement,
} from '../../../office/xmlElements.ts';
import { withEdits, type XmlEdit } from '../../../office/xmlEdit.ts';
import type { LineKind } from '../findingsSheet.ts';

export interface ReportStyles {
  /** The part's text. */
  readonly text: string;
  /** Numbers of the differential formats of marked cells. */
  readonly marks: Readonly<Record<'error' | 'warning', number>>;
  /** Numbers of the styles of cells, by the line that they are in; 0 where there is room for no more. */
  readonly lines: Readonly<Record<LineKind, number>>;
}

/** Colours of Excel's own styles "Bad" and "Neutral". */
const COLOURS = {
  error: { fill: 'FFFFC7CE', font: 'FF9C0006' },
  warning: { fill: 'FFFFEB9C', font: 'FF7F6000' },
  head: { fill: 'FFD9D9D9', font: 'FF000000' },
} as const;

/** Children of a styleSheet in their order (ECMA-376 part 1, 18.8.39). */
const ORDER = [
  'numFmts',
  'fonts',
  'fills',
  'borders',
  'cellStyleXfs',
  'cellXfs',
  'cellStyles',
  'dxfs',
  'tableStyles',
  'colors',
  'extLst',
];
/** Excel takes 65,490 (Excel specifications and limits). */
const MOST_STYLES = 65_000;
/** The built-in format of texts: what looks like a formula stays a text when it is edited. */
const TEXT_FORMAT = 49;

/** The styles of a workbook that has none. */
const plainStyles = (namespace: string) =>
  `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<styleSheet xmlns="${namespace}"><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs></styleSheet>`;

/** Lists of styles that are added to. */
interface OpenStyles {
  /** Prefix of the part's elements. */
  readonly p: string;
  /** Adds to a list; answers the number of the first that is added. */
  readonly add: (list: string, items: readonly string[], whenNone?: readonly string[]) => number;
  readonly list: (name: string) => XmlElement | undefined;
  readonly source: string;
  /** The part's text with what was added. */
  readonly text: () => string;
}

/**
 * @param given the part's text; undefined where there is none
 * @param namespace of the workbook's elements
 * @throws XmlMalformed
 */
function openStyles(given: string | undefined, namespace: string): OpenStyles {
  const source = given ?? plainStyles(namespace);
  const root = readElements(source, 2);
  const { prefix: p } = root;
  const edits: XmlEdit[] = [];
  return {
    p,
    source,
    add(list, items, whenNone = []) {
      const known = childOf(root, list);
      const first = known ? known.children.length : whenNone.length;
      if (known) {
        edits.push(...appendTo(known, items.join(''), { count: first + items.length }));
      } else {
        const all = [...whenNone, ...items];
        const xml = `<${p}${list} count="${all.length}">${all.join('')}</${p}${list}>`;
        edits.push(...insertInto(root, ORDER, list, xml));
      }
      return first;
    },
    list: (name) => childOf(root, name),
    text: () => withEdits(source, edits),
  };
}

/** What cells need besides their format, font and fill, as others of the workbook have it. */
const frameOf = ({ list }: OpenStyles): string =>
  `${(list('borders')?.children.length ?? 0) > 0 ? ' borderId="0"' : ''}${(list('cellStyleXfs')?.children.length ?? 0) > 0 ? ' xfId="0"' : ''}`;

const isFull = ({ list }: OpenStyles) => (list('cellXfs')?.children.length ?? 0) > MOST_STYLES;

/**
 * @param given the part's text; undefined where there is none
 * @param namespace of the workbook's elements
 * @throws XmlMalformed
 */
export function addStyles(given: string | undefined, namespace: string): ReportStyles {
  const styles = openStyles(given, namespace);
  const { p, add, list } = styles;

  const fillOf = (colour: string) =>
    `<${p}fill><${p}patternFill patternType="solid"><${p}fgColor rgb="${colour}"/><${p}bgColor indexed="64"/></${p}patternFill></${p}fill>`;
  const dxfOf = ({ fill, font }: { fill: string; font: string }) =>
    `<${p}dxf><${p}font><${p}color rgb="${font}"/></${p}font><${p}fill><${p}patternFill patternType="solid"><${p}fgColor rgb="${fill}"/><${p}bgColor rgb="${fill}"/></${p}patternFill></${p}fill></${p}dxf>`;
  const dxf = add('dxfs', [dxfOf(COLOURS.error), dxfOf(COLOURS.warning)]);
  const marks = { error: dxf, warning: dxf + 1 };

  if (isFull(styles)) {
    const lines = { title: 0, text: 0, head: 0, error: 0, warning: 0, info: 0 };
    return { text: styles.text(), marks, lines };
  }
  const [font] = list('fonts')?.children ?? [];
  const bold = add('fonts', [boldOf(styles.source, font, p)], [`<${p}font/>`]);
  const fill = add(
    'fills',
    [COLOURS.head, COLOURS.error, COLOURS.warning].map((colour) => fillOf(colour.fill)),
    [
      `<${p}fill><${p}patternFill patternType="none"/></${p}fill>`,
      `<${p}fill><${p}patternFill patternType="gray125"/></${p}fill>`,
    ],
  );
  const frame = frameOf(styles);
  const xf = (font: number, itsFill: number, wraps: boolean) =>
    `<${p}xf numFmtId="${TEXT_FORMAT}" fontId="${font}" fillId="${itsFill}"${frame} applyNumberFormat="1" applyFont="1" applyFill="1" applyAlignment="1"><${p}alignment horizontal="left" vertical="top"${wraps ? ' wrapText="1"' : ''}/></${p}xf>`;
  const first = add(
    'cellXfs',
    [
      xf(bold, 0, false),
      xf(0, 0, false),
      xf(bold, fill, true),
      xf(0, fill + 1, true),
      xf(0, fill + 2, true),
      xf(0, 0, true),
    ],
    [`<${p}xf numFmtId="0"/>`],
  );
  const lines = {
    title: first,
    text: first + 1,
    head: first + 2,
    error: first + 3,
    warning: first + 4,
    info: first + 5,
  };
  return { text: styles.text(), marks, lines };
}

/** The first font, which is that of all cells that say nothing, in bold. */
function boldOf(text: string, font: XmlElement | undefined, p: string): string {
  if (!font || font.tag.kind === 'empty') return `<${p}font><${p}b/></${p}font>`;
  const inner = text.slice(font.tag.end, font.contentEnd);
  const isBold = new RegExp(`<${p}b[\\s/>]`).test(inner);
  return `<${p}font>${isBold ? '' : `<${p}b/>`}${inner}</${p}font>`;
}

/** Styles of cells that are added beside those of a sheet; 0 where there is room for no more. */
export interface AddedStyles {
  /** The part's text. */
  readonly text: string;
  readonly header: number;
  readonly plain: number;
  readonly link: number;
}

/** The colour of Excel's own style "Hyperlink". */
const LINK_COLOUR = 'FF0563C1';

/**
 * @param given the part's text; undefined where there is none
 * @param namespace of the workbook's elements
 * @throws XmlMalformed
 */
export function addCellStyles(given: string | undefined, namespace: string): AddedStyles {
  const styles = openStyles(given, namespace);
  const { p, add, list, source } = styles;
  if (isFull(styles)) return { text: source, header: 0, plain: 0, link: 0 };
  const [font] = list('fonts')?.children ?? [];
  const bold = add(
    'fonts',
    [boldOf(source, font, p), linkFontOf(source, font, p)],
    [`<${p}font/>`],
  );
  const frame = frameOf(styles);
  const fill = (list('fills')?.children.length ?? 0) > 0 ? ' fillId="0"' : '';
  const xf = (itsFont: number, format: number) =>
    `<${p}xf numFmtId="${format}" fontId="${itsFont}"${fill}${frame} applyNumberFormat="1" applyFont="1"/>`;
  const header = add(
    'cellXfs',
    [xf(bold, TEXT_FORMAT), xf(0, TEXT_FORMAT), xf(bold + 1, 0)],
    [`<${p}xf numFmtId="0"/>`],
  );
  return { text: styles.text(), header, plain: header + 1, link: header + 2 };
}

/** The first font as a link has it: underlined, in its colour, in the order of the schema's own example. */
function linkFontOf(text: string, font: XmlElement | undefined, p: string): string {
  const inner = font && font.tag.kind !== 'empty' ? text.slice(font.tag.end, font.contentEnd) : '';
  const kept = (name: string) => new RegExp(`<${p}${name}\\s[^<>]*/>`).exec(inner)?.[0] ?? '';
  return `<${p}font><${p}u/>${kept('sz')}<${p}color rgb="${LINK_COLOUR}"/>${kept('name')}${kept('family')}</${p}font>`;
}
