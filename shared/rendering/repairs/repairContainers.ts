/**
 * Gives containers back what filling took from them: what Word refuses without it (docs/templates.md).
 * docxtemplater repairs some of them itself, not always with what may stand there.
 */

/** Elements of WordprocessingML that hold blocks, and those that must not be empty; for matchAll(). */
export const CONTAINER_TAG =
  /<(\/?)w:(p|tbl|tr|tc|sdt|sdtContent|txbxContent|footnote|endnote|comment|hdr|ftr)(?=[\s/>])[^>]*>/g;

/** What a container gets that lost its blocks: what docxtemplater puts into cells and content controls. */
export const FILLING = '<w:p></w:p>';

/** Their last block must be a paragraph (ECMA-376 part 1, 17.4.65, 17.10, 17.11, 17.13.4.2, 17.17.1). */
export const ENDING_IN_PARAGRAPH: ReadonlySet<string> = new Set([
  'tc',
  'txbxContent',
  'footnote',
  'endnote',
  'comment',
]);
/** Headers and footers may end in a table, as docxtemplater leaves them, but must not be empty. */
export const NOT_EMPTY: ReadonlySet<string> = new Set(['hdr', 'ftr']);

interface Frame {
  readonly tag: string;
  /** Where in the output it begins. */
  readonly at: number;
  /** The last block in it, however deep in content controls. */
  last: 'none' | 'paragraph' | 'other';
  hasRows: boolean;
  hasCells: boolean;
  isLost: boolean;
}

export const isControl = (tag: string | undefined) => tag === 'sdt' || tag === 'sdtContent';

/** @param xml a part, filled, as docxtemplater writes it */
export function repairContainers(xml: string): string {
  const out: string[] = [];
  const open: Frame[] = [];
  let copied = 0;
  let isSkipped = false;

  /** What a content control stands in, by its nearest element that is none. */
  function around(): string | undefined {
    for (let i = open.length - 1; i >= 0; i--) if (!isControl(open[i]?.tag)) return open[i]?.tag;
    return undefined;
  }
  function noteBlock(last: Frame['last']): void {
    const frame = open.at(-1);
    if (frame && last !== 'none') frame.last = last;
  }
  /** Rows and cells count for the table or row around, through content controls. */
  function noteInside(key: 'hasRows' | 'hasCells'): void {
    for (let i = open.length - 1; i >= 0; i--) {
      const frame = open[i];
      if (frame) frame[key] = true;
      if (!isControl(frame?.tag)) return;
    }
  }
  function copyTo(end: number): void {
    if (end > copied) out.push(xml.slice(copied, end));
    copied = end;
  }
  function drop(frame: Frame, end: number): void {
    out.length = frame.at;
    copied = end;
  }

  function close(frame: Frame, start: number, end: number): void {
    const { tag } = frame;
    if (tag === 'sdtContent') {
      const place = around();
      const sdt = open.at(-1);
      if (place === 'tbl' || place === 'tr') {
        if (sdt && !(place === 'tbl' ? frame.hasRows : frame.hasCells)) sdt.isLost = true;
      } else if (place !== 'p' && frame.last === 'none') {
        copyTo(start);
        out.push(FILLING);
        frame.last = 'paragraph';
      }
      if (sdt) sdt.last = frame.last;
    } else if (tag === 'sdt') {
      if (frame.isLost) drop(frame, end);
      else noteBlock(frame.last);
    } else if (tag === 'p') noteBlock('paragraph');
    else if (tag === 'tbl') {
      if (frame.hasRows) noteBlock('other');
      else drop(frame, end);
    } else if (tag === 'tr') {
      if (frame.hasCells) noteInside('hasRows');
      else drop(frame, end);
    } else if (
      (ENDING_IN_PARAGRAPH.has(tag) && frame.last !== 'paragraph') ||
      (NOT_EMPTY.has(tag) && frame.last === 'none')
    ) {
      copyTo(start);
      out.push(FILLING);
    }
    if (tag === 'tc') noteInside('hasCells');
  }

  for (const match of xml.matchAll(CONTAINER_TAG)) {
    const [written, slash, tag = ''] = match;
    const { index } = match;
    const end = index + written.length;
    if (isSkipped) {
      // The end tag of the paragraph that was left out.
      isSkipped = false;
      continue;
    }
    if (slash !== '') {
      const frame = open.pop();
      if (frame) close(frame, index, end);
      continue;
    }
    const isEmpty = written.endsWith('/>');
    if (tag === 'p' && open.at(-1)?.tag === 'sdtContent' && xml.startsWith(FILLING, index)) {
      // docxtemplater puts it into every content control, also where rows, cells or runs stand.
      const place = around();
      if (place === 'p' || place === 'tbl' || place === 'tr') {
        copyTo(index);
        copied = index + FILLING.length;
        isSkipped = true;
        continue;
      }
    }
    if (isEmpty) {
      if (tag === 'p') noteBlock('paragraph');
      continue;
    }
    copyTo(index);
    open.push(frameOf(tag, out.length));
  }
  if (copied === 0) return xml;
  copyTo(xml.length);
  return out.join('');
}

const frameOf = (tag: string, at: number): Frame => ({
  tag,
  at,
  last: 'none',
  hasRows: false,
  hasCells: false,
  isLost: false,
});
