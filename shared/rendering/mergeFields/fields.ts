/**
 * Fields of a part (ECMA-376 part 1, 17.16.18): simple ones, and those that are marked by characters in
 * runs, whose code Word cuts anywhere and which stand within each other.
 */
import {
  localName,
  xmlAttributes,
  xmlTags,
  xmlUnescape,
  type XmlTag,
} from '../../office/xmlScan.ts';

export interface Run {
  readonly start: number;
  /** Its start tag. */
  readonly open: string;
  end: number;
  /** The element of its properties, as written. */
  properties: string;
  readonly children: RunChild[];
}

export interface RunChild {
  readonly element: string;
  readonly run: Run;
  readonly start: number;
  end: number;
  /** Of text. */
  text: string;
  /** The outermost field that it belongs to. */
  readonly field: Field | undefined;
}

export interface Paragraph {
  readonly start: number;
  end: number;
  readonly children: RunChild[];
  readonly fields: Field[];
  /** Holds something that is no run, such as an equation or the end of a section. */
  hasMore: boolean;
}

export interface Field {
  readonly kind: 'simple' | 'complex';
  /** Text of the code, and fields in it. */
  readonly code: ({ readonly text: string; readonly child?: RunChild } | Field)[];
  /** What is in runs: its marks, its code and its result. */
  readonly children: RunChild[];
  readonly result: RunChild[];
  /** Of a simple field. */
  readonly start: number;
  end: number;
  readonly paragraph: Paragraph | undefined;
  isInResult: boolean;
  /** Begins in one paragraph and ends in another, or does not end. */
  isCut: boolean;
  /** Does so in its code. */
  isCodeCut: boolean;
  isClosed: boolean;
}

export interface PartFields {
  /** All, those within others too, in the order in which they begin. */
  readonly fields: readonly Field[];
  readonly paragraphs: readonly Paragraph[];
}

/** Elements besides runs that a paragraph shows, or must not lose. */
const SHOWN = new Set(['oMath', 'oMathPara', 'sectPr', 'object', 'drawing', 'pict', 'altChunk']);

/** @throws XmlMalformed */
export function readFields(xml: string): PartFields {
  const fields: Field[] = [];
  const paragraphs: Paragraph[] = [];
  /** Elements that are open. */
  const open: { readonly tag: XmlTag; readonly run?: Run; readonly child?: RunChild }[] = [];
  /** Fields that are open, by text box. */
  const stories: Field[][] = [[]];
  const openParagraphs: Paragraph[] = [];
  let deleted = 0;

  const story = () => stories.at(-1) ?? [];
  const begin = (kind: Field['kind'], start: number): Field => {
    const field: Field = {
      kind,
      code: [],
      children: [],
      result: [],
      start,
      end: start,
      paragraph: openParagraphs.at(-1),
      isInResult: false,
      isCut: false,
      isCodeCut: false,
      isClosed: false,
    };
    const around = story().at(-1);
    if (around && !around.isInResult) around.code.push(field);
    fields.push(field);
    openParagraphs.at(-1)?.fields.push(field);
    story().push(field);
    return field;
  };

  function startChild(tag: XmlTag, run: Run): RunChild {
    const element = localName(tag.name);
    const type = element === 'fldChar' ? xmlAttributes(tag) : undefined;
    const mark = [...(type ?? [])].find(([name]) => localName(name) === 'fldCharType')?.[1];
    if (mark === 'begin') begin('complex', tag.start);
    const current = story().at(-1);
    const child: RunChild = {
      element,
      run,
      start: tag.start,
      end: tag.end,
      text: '',
      field: story()[0],
    };
    run.children.push(child);
    openParagraphs.at(-1)?.children.push(child);
    // All around it lose it with their result.
    for (const field of story()) field.children.push(child);
    if (mark === 'separate' && current) current.isInResult = true;
    else if (mark === 'end' && current?.kind === 'complex') {
      current.isClosed = true;
      current.end = tag.end;
      story().pop();
    } else if (mark === undefined && current?.isInResult) current.result.push(child);
    return child;
  }

  function start(tag: XmlTag): { run?: Run; child?: RunChild } {
    const element = localName(tag.name);
    const around = open.at(-1);
    if (around?.run && deleted === 0) {
      if (element !== 'rPr') return { child: startChild(tag, around.run) };
      return {};
    }
    if (element === 'r' && deleted === 0) {
      const run = {
        start: tag.start,
        open: xml.slice(tag.start, tag.end),
        end: tag.end,
        properties: '',
        children: [],
      };
      return { run };
    }
    if (element === 'p') {
      story().forEach(cut);
      const paragraph = {
        start: tag.start,
        end: tag.end,
        children: [],
        fields: [],
        hasMore: false,
      };
      paragraphs.push(paragraph);
      openParagraphs.push(paragraph);
    } else if (element === 'txbxContent') stories.push([]);
    else if (element === 'del' || element === 'moveFrom') deleted++;
    else if (element === 'fldSimple') {
      const field = begin('simple', tag.start);
      const instr = [...xmlAttributes(tag)].find(([name]) => localName(name) === 'instr')?.[1];
      field.code.push({ text: instr ?? '' });
      field.isInResult = true;
    }
    const paragraph = openParagraphs.at(-1);
    if (paragraph && SHOWN.has(element)) paragraph.hasMore = true;
    return {};
  }

  function end(opening: (typeof open)[number], tag: XmlTag): void {
    const element = localName(tag.name);
    const { run, child } = opening;
    if (run) run.end = tag.end;
    else if (child) {
      child.end = tag.end;
      if (child.element === 't' || child.element === 'instrText') {
        child.text = xmlUnescape(xml.slice(opening.tag.end, tag.start));
      }
      const field = story().at(-1);
      if (child.element === 'instrText' && field && !field.isInResult) {
        field.code.push({ text: child.text, child });
      }
    } else if (element === 'rPr' && open.at(-1)?.run) {
      const outer = open.at(-1)?.run;
      if (outer) outer.properties = xml.slice(opening.tag.start, tag.end);
    } else if (element === 'p') {
      story().forEach(cut);
      const paragraph = openParagraphs.pop();
      if (paragraph) paragraph.end = tag.end;
    } else if (element === 'txbxContent') stories.pop();
    else if (element === 'del' || element === 'moveFrom') deleted--;
    else if (element === 'fldSimple') {
      const field = story().findLast(({ kind }) => kind === 'simple');
      if (field) {
        field.end = tag.end;
        field.isClosed = true;
        story().splice(story().indexOf(field), 1);
      }
    }
  }

  for (const tag of xmlTags(xml)) {
    if (tag.kind === 'close') {
      const opening = open.pop();
      if (opening) end(opening, tag);
      continue;
    }
    const entry = { tag, ...start(tag) };
    if (tag.kind === 'empty') end(entry, tag);
    else open.push(entry);
  }
  return { fields, paragraphs };
}

/** A paragraph begins or ends within a field. */
function cut(field: Field): void {
  field.isCut = true;
  field.isCodeCut ||= !field.isInResult;
}
