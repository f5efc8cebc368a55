/**
 * Where in a worksheet part its rows end and say how far they reach, found while its cells are read: as offsets, in
 * bytes, since the part may be too large to be a text.
 */
import { findAttribute, type XmlSink } from '../../office/xmlBytes.ts';

/** A stretch of the part. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** A sink that hands on what it is told, and notes places. */
export interface RowOutline extends XmlSink {
  /** The root's start tag as it is written. */
  readonly root: string;
  /** The value of `ref` of the sheet's dimension, which some readers believe. */
  readonly dimension: (Stretch & { readonly value: string }) | undefined;
  /** Of the row that is told of: where its end tag begins, and its `spans`, whose length is 0 where it has none. */
  readonly row: { readonly end: number; readonly spansAt: number; readonly spansLength: number };
}

const LESS = 0x3c;
const SHEET_DATA = 'sheetData';
const DIMENSION = 'dimension';
const REF = Buffer.from('ref');
const SPANS = Buffer.from('spans');
/** Children of the root have 21 letters at the most. */
const LONGEST_NAME = 32;

/** @param inner whoever reads the cells */
export function createRowOutline(inner: XmlSink): RowOutline {
  let depth = 0;
  let inData = false;
  let root = '';
  let dimension: RowOutline['dimension'];
  const row = { end: 0, spansAt: 0, spansLength: 0 };
  const found = { start: 0, end: 0 };
  const base = () => sink.base ?? 0;
  const nameAt = (xml: Buffer, name: number, nameEnd: number) =>
    nameEnd - name > LONGEST_NAME ? '' : xml.toString('latin1', name, nameEnd);

  const sink: RowOutline = {
    get full() {
      return inner.full;
    },
    set full(isFull) {
      inner.full = isFull;
    },
    get root() {
      return root;
    },
    get dimension() {
      return dimension;
    },
    row,
    // Cells are taken as wholes: what is open before one is open behind it.
    takeWhole: (xml, at, limit) => inner.takeWhole?.(xml, at, limit) ?? -1,
    open(xml, name, nameEnd, end, isEmpty) {
      if (depth === 0) {
        root = xml.toString('utf8', xml.lastIndexOf(LESS, name), end + 1);
      } else if (depth === 1) {
        const child = nameAt(xml, name, nameEnd);
        inData = child === SHEET_DATA;
        if (child === DIMENSION && findAttribute(xml, nameEnd, end, REF, found)) {
          const value = xml.toString('latin1', found.start, found.end);
          dimension = { start: base() + found.start, end: base() + found.end, value };
        }
      } else if (depth === 2 && inData) {
        const hasSpans = findAttribute(xml, nameEnd, end, SPANS, found);
        row.spansAt = base() + found.start;
        row.spansLength = hasSpans ? found.end - found.start : 0;
      }
      if (!isEmpty) depth++;
      inner.open(xml, name, nameEnd, end, isEmpty);
    },
    close(xml, name, nameEnd) {
      depth--;
      if (depth === 2 && inData) row.end = base() + xml.lastIndexOf(LESS, name);
      inner.close(xml, name, nameEnd);
    },
    text: (xml, start, end, isPlain) => inner.text(xml, start, end, isPlain),
  };
  return sink;
}
