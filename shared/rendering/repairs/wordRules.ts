/**
 * What Word refuses to open, as far as filling a template could make it (docs/templates.md has the list
 * with its sources). Every document that a template is tried with is held to it.
 */
import { findXmlFault, type StrictTag } from '../../office/strictXml.ts';
import { ENDING_IN_PARAGRAPH, NOT_EMPTY } from './repairContainers.ts';

export interface Breach {
  /** What is broken, as the middle of a sentence; the same words for the same rule. */
  readonly rule: string;
  /** Where in the part, in UTF-16 units. */
  readonly offset: number;
}

interface Open {
  readonly name: string;
  last: 'none' | 'paragraph' | 'other';
  rows: number;
  cells: number;
}

/** How an element is called. */
const NOUNS: Readonly<Record<string, string>> = {
  'w:tc': 'a table cell',
  'w:txbxContent': 'a text box',
  'w:footnote': 'a footnote',
  'w:endnote': 'an endnote',
  'w:comment': 'a comment',
  'w:hdr': 'a header',
  'w:ftr': 'a footer',
};

const isControl = (name: string) => name === 'w:sdt' || name === 'w:sdtContent';
/** Elements that hold blocks within others, as if those were theirs. */
const isSeeThrough = (name: string) =>
  isControl(name) || /^w:(customXml|smartTag|ins|del|moveFrom|moveTo)$/.test(name);

/** Where text and breaks of WordprocessingML may stand directly. */
const IN_RUN: ReadonlySet<string> = new Set(['w:t', 'w:drawing', 'w:pict', 'w:object']);

/**
 * @returns the first fault of XML alone, when the part is none; else every rule that is broken, once each
 */
export function findBreaches(xml: string): Breach[] {
  const breaches = new Map<string, number>();
  const open: Open[] = [];
  const seen = new Set<string>();
  const note = (rule: string, offset: number) => {
    if (!breaches.has(rule)) breaches.set(rule, offset);
  };
  const nearest = (skips: (name: string) => boolean): Open | undefined => {
    for (let i = open.length - 1; i >= 0; i--) {
      const frame = open[i];
      if (frame && !skips(frame.name)) return frame;
    }
    return undefined;
  };

  function enter({ name, attributes, start }: StrictTag): void {
    const parent = open.at(-1);
    const holder = nearest(isSeeThrough);
    if (name === 'w:p') {
      if (holder?.name === 'w:p' || holder?.name === 'w:r')
        note('a paragraph stands in a paragraph', start);
      if (holder?.name === 'w:tbl' || holder?.name === 'w:tr')
        note('a paragraph stands between rows or cells of a table', start);
    } else if (name === 'w:tbl' && (holder?.name === 'w:p' || holder?.name === 'w:r')) {
      note('a table stands in a paragraph', start);
    } else if (name === 'w:r' && holder?.name === 'w:r') {
      note('a run stands in a run', start);
    } else if (
      IN_RUN.has(name) &&
      parent &&
      parent.name.startsWith('w:') &&
      parent.name !== 'w:r'
    ) {
      note(`<${name}> stands outside of a run`, start);
    }
    const id = idOf(name, attributes);
    if (id === undefined) return;
    if (seen.has(id.key)) note(id.rule, start);
    seen.add(id.key);
  }

  function leave(frame: Open, start: number): void {
    const { name, last } = frame;
    const short = name.startsWith('w:') ? name.slice(2) : '';
    const noun = NOUNS[name] ?? '';
    if (ENDING_IN_PARAGRAPH.has(short) && last !== 'paragraph')
      note(`${noun} does not end with a paragraph`, start);
    if (NOT_EMPTY.has(short) && last === 'none') note(`${noun} is empty`, start);
    if (name === 'w:tbl' && frame.rows === 0) note('a table has no row', start);
    if (name === 'w:tr' && frame.cells === 0) note('a row of a table has no cell', start);
    const holder = nearest(isSeeThrough);
    if (name === 'w:sdtContent') {
      if (holder?.name === 'w:tbl' && frame.rows === 0)
        note('a content control between rows holds no row', start);
      if (holder?.name === 'w:tr' && frame.cells === 0)
        note('a content control between cells holds no cell', start);
      const isBlock = holder !== undefined && /^w:(body|tc|txbxContent|hdr|ftr)$/.test(holder.name);
      if (isBlock && last === 'none') note('a content control between paragraphs is empty', start);
    }
    passOn(frame);
  }

  /** Tells the elements around of a block, row or cell that was left. */
  function passOn({ name, last }: Open): void {
    const block = name === 'w:p' ? 'paragraph' : name === 'w:tbl' ? 'other' : 'none';
    for (let i = open.length - 1; i >= 0; i--) {
      const frame = open[i];
      if (!frame) return;
      if (block !== 'none') frame.last = block;
      else if (isSeeThrough(name) && last !== 'none') frame.last = last;
      if (name === 'w:tr') frame.rows++;
      if (name === 'w:tc') frame.cells++;
      if (!isSeeThrough(frame.name)) return;
    }
  }

  const fault = findXmlFault(xml, (tag) => {
    if (tag.kind === 'close') {
      const frame = open.pop();
      if (frame) leave(frame, tag.start);
      return;
    }
    enter(tag);
    const { name, start } = tag;
    const frame: Open = { name, last: 'none', rows: 0, cells: 0 };
    if (tag.kind === 'open') open.push(frame);
    else leave(frame, start);
  });
  if (fault) return [{ rule: fault.detail, offset: fault.offset }];
  return Array.from(breaches, ([rule, offset]) => ({ rule, offset }));
}

const ID = /\s(?:w:)?id\s*=\s*["']([^"']*)/;
const NAME = /\sw:name\s*=\s*["']([^"']*)/;

/** An id that no other element of the part may have. */
function idOf(name: string, attributes: string): { key: string; rule: string } | undefined {
  const of = (pattern: RegExp, noun: string) => {
    const value = pattern.exec(attributes)?.[1];
    return value === undefined
      ? undefined
      : { key: `${name} ${value}`, rule: `two ${noun} have the same id` };
  };
  switch (name) {
    case 'wp:docPr':
      return of(ID, 'drawings');
    case 'w:bookmarkStart':
      return of(NAME, 'bookmarks');
    case 'w:commentReference':
    case 'w:commentRangeStart':
    case 'w:commentRangeEnd':
      return of(ID, 'marks of comments');
    case 'w:comment':
      return of(ID, 'comments');
    case 'w:footnote':
      return of(ID, 'footnotes');
    case 'w:endnote':
      return of(ID, 'endnotes');
    default:
      return undefined;
  }
}
