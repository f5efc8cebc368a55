/** The text of a paragraph: runs, breaks, fields, notes, pictures (ECMA-376 part 1, 17.3). */
import { drawPicture } from './drawPicture.ts';
import { make, type Drawing } from './drawing.ts';
import { dressRun } from './looks.ts';
import { propertiesOf, type Properties } from './styles.ts';
import { attribute, child, valueOf, within, type XmlNode } from './xmlTree.ts';

/** A field that text is within: its result is drawn, unless the page knows better. */
interface Field {
  code: string;
  /** Whether what follows is its result, and not its code. */
  hasResult: boolean;
  isReplaced: boolean;
}

export interface Line {
  readonly drawing: Drawing;
  /** Where text is put: another one once a page was broken. */
  into: HTMLElement;
  /** Begins the same paragraph anew, on another page. */
  readonly again: () => HTMLElement | undefined;
  readonly paragraphRun: readonly (XmlNode | undefined)[];
  readonly fields: Field[];
  /** Draws what is in a text box. */
  readonly drawBlocks: (blocks: readonly XmlNode[], into: HTMLElement, drawing: Drawing) => void;
}

/** What holds further runs, and is nothing to see itself. */
const AROUND: ReadonlySet<string> = new Set([
  'ins',
  'moveTo',
  'smartTag',
  'customXml',
  'sdtContent',
  'dir',
  'bdo',
  'fldSimple',
  'oMathPara',
]);

export function drawRuns(nodes: readonly XmlNode[], line: Line): void {
  for (const node of nodes) {
    if (node.name === 'r') drawRun(node, line);
    else if (node.name === 'sdt') drawRuns(child(node, 'sdtContent')?.children ?? [], line);
    else if (node.name === 'fldSimple' && PAGE.test(attribute(node, 'instr') ?? '')) {
      pageNumber(line, line.into);
    } else if (node.name === 'hyperlink') drawLink(node, line);
    else if (node.name === 'oMath') line.into.append(mathText(node));
    else if (AROUND.has(node.name)) drawRuns(node.children, line);
  }
}

/** A link leads nowhere from a picture of a page; it looks as its runs do. */
function drawLink(node: XmlNode, line: Line): void {
  const target = line.drawing.targets.get(attribute(node, 'id') ?? '');
  const before = line.into;
  const link = make('span');
  if (target?.isExternal) link.title = target.name;
  before.append(link);
  line.into = link;
  drawRuns(node.children, line);
  if (line.into === link) line.into = before;
}

const mathText = (node: XmlNode): string =>
  node.name === 't' ? node.text : node.children.map(mathText).join('');

const PAGE = /^\s*PAGE\b/i;

function pageNumber({ drawing }: Line, into: HTMLElement): void {
  const number = make('span');
  drawing.pageNumbers.push(number);
  into.append(number);
}

function drawRun(run: XmlNode, line: Line): void {
  const { drawing } = line;
  const own = child(run, 'rPr');
  const named = drawing.styles.chain('character', valueOf(own, 'rStyle'));
  const properties = propertiesOf([
    own,
    ...named.map((style) => child(style, 'rPr')),
    ...line.paragraphRun,
  ]);
  if (properties.isOn('vanish')) return;
  let element = begin(properties, line);
  for (const node of run.children) {
    const field = line.fields.at(-1);
    if (node.name === 'fldChar' || node.name === 'instrText') {
      followField(node, line, element);
      continue;
    }
    if (field && (!field.hasResult || field.isReplaced)) continue;
    if (node.name === 'br' && attribute(node, 'type') === 'page') {
      const next = line.again();
      if (next) {
        line.into = next;
        element = begin(properties, line);
      }
    } else drawPiece(node, element, line);
  }
}

function begin(properties: Properties, line: Line): HTMLElement {
  const element = make('span');
  dressRun(element, properties, line.drawing.styles);
  line.into.append(element);
  return element;
}

function followField(node: XmlNode, line: Line, into: HTMLElement): void {
  const { fields } = line;
  const field = fields.at(-1);
  if (node.name === 'instrText') {
    if (field) field.code += node.text;
    return;
  }
  switch (attribute(node, 'fldCharType')) {
    case 'begin':
      fields.push({ code: '', hasResult: false, isReplaced: false });
      break;
    case 'separate':
      if (!field) break;
      field.hasResult = true;
      field.isReplaced = PAGE.test(field.code);
      if (field.isReplaced) pageNumber(line, into);
      break;
    default:
      fields.pop();
  }
}

/** Drawn by what they are called. */
const SIGNS: Readonly<Record<string, string>> = {
  cr: '\n',
  noBreakHyphen: '\u2011',
  softHyphen: '\u00ad',
};

function drawPiece(node: XmlNode, into: HTMLElement, line: Line): void {
  const { drawing } = line;
  switch (node.name) {
    case 't':
      into.append(node.text);
      break;
    case 'tab':
    case 'ptab':
      into.append(tab());
      break;
    case 'br':
      into.append(make('br'));
      break;
    case 'sym':
      into.append(symbol(node));
      break;
    case 'footnoteReference':
    case 'endnoteReference': {
      const mark = make('sup');
      mark.textContent = String(++drawing.notes.count);
      into.append(mark);
      break;
    }
    case 'drawing':
    case 'pict':
    case 'object':
      drawPicture(node, into, drawing, line.drawBlocks);
      break;
    case 'AlternateContent': {
      // What newer versions draw; what is behind it is for those that cannot (ECMA-376 part 3).
      const chosen = child(node, 'Choice') ?? child(node, 'Fallback');
      const isDrawn = chosen && within(chosen, 'drawing');
      const shown = isDrawn ? chosen : (child(node, 'Fallback') ?? chosen);
      for (const piece of shown?.children ?? []) drawPiece(piece, into, line);
      break;
    }
    default: {
      const sign = SIGNS[node.name];
      if (sign !== undefined) into.append(sign);
    }
  }
}

/** Its width is found when the page is laid out. */
function tab(): HTMLElement {
  const element = make('span', 'doc-tab');
  element.textContent = '\t';
  return element;
}

/** A sign of a font of signs; those of Symbol and Wingdings that forms use. */
const SYMBOLS: Readonly<Record<string, string>> = {
  F0A8: '☐',
  F06F: '☐',
  F0FE: '☒',
  F0FD: '☒',
  F078: '☒',
  F052: '☑',
  F0FC: '✓',
  F0B7: '•',
  F0A7: '▪',
  F0E0: '→',
  F0D8: '➢',
};

function symbol(node: XmlNode): string {
  const code = (attribute(node, 'char') ?? '').toUpperCase();
  const known = SYMBOLS[code];
  if (known !== undefined) return known;
  const value = Number.parseInt(code, 16);
  const isPrivate = value >= 0xe000 && value <= 0xf8ff;
  return Number.isNaN(value) || isPrivate || value > 0xffff ? '▯' : String.fromCodePoint(value);
}
