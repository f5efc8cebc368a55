/** XML as a tree of what the page needs of it: names, attributes, children, text of leaves. */
import {
  localName,
  xmlAttributes,
  XmlMalformed,
  xmlTags,
  xmlUnescape,
} from '../../../shared/office/xmlScan.ts';

/** An element; names are without their prefixes, which say nothing that they do not. */
export interface XmlNode {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlNode[];
  /** Of an element without children. */
  readonly text: string;
}

/** Of some 300 bytes each. */
const MOST_ELEMENTS = 300_000;
/** Deeper than any document, and far from what a stack holds. */
const MOST_DEPTH = 200;

const NO_ATTRIBUTES: ReadonlyMap<string, string> = new Map();

type Open = { -readonly [K in keyof XmlNode]: XmlNode[K] } & {
  children: XmlNode[];
  /** Where its content begins. */
  from: number;
};

/** @throws XmlMalformed where it is none, or more than a page shows */
export function readTree(text: string): XmlNode {
  const open: Open[] = [];
  let root: Open | undefined;
  let count = 0;
  for (const tag of xmlTags(text)) {
    if (tag.kind === 'close') {
      const element = open.pop();
      if (!element) throw new XmlMalformed(tag.start);
      if (element.children.length === 0) element.text = textOf(text.slice(element.from, tag.start));
      continue;
    }
    if (++count > MOST_ELEMENTS || open.length > MOST_DEPTH) throw new XmlMalformed(tag.start);
    const element: Open = {
      name: localName(tag.name),
      attributes: tag.attributes === '' ? NO_ATTRIBUTES : localAttributes(xmlAttributes(tag)),
      children: [],
      text: '',
      from: tag.end,
    };
    open.at(-1)?.children.push(element);
    root ??= element;
    if (tag.kind === 'open') open.push(element);
  }
  if (!root || open.length > 0) throw new XmlMalformed(text.length);
  return root;
}

const localAttributes = (written: ReadonlyMap<string, string>): ReadonlyMap<string, string> =>
  new Map(Array.from(written, ([name, value]) => [localName(name), value]));

const textOf = (written: string): string =>
  written
    .split(/<!\[CDATA\[([^]*?)\]\]>/)
    .map((piece, i) => (i % 2 === 1 ? piece : xmlUnescape(piece)))
    .join('');

export const child = (element: XmlNode | undefined, name: string): XmlNode | undefined =>
  element?.children.find((one) => one.name === name);

export const children = (element: XmlNode | undefined, name: string): readonly XmlNode[] =>
  element?.children.filter((one) => one.name === name) ?? [];

export const attribute = (element: XmlNode | undefined, name: string): string | undefined =>
  element?.attributes.get(name);

/** `w:val` of a child: how most properties are written. */
export const valueOf = (element: XmlNode | undefined, name: string): string | undefined =>
  attribute(child(element, name), 'val');

/** A whole number, or undefined: what is written may be anything. */
export function numberOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number.parseFloat(text);
  return Number.isFinite(value) ? value : undefined;
}

/** The first element of a name within another, however deep. */
export function within(element: XmlNode, name: string): XmlNode | undefined {
  for (const one of element.children) {
    const found = one.name === name ? one : within(one, name);
    if (found) return found;
  }
  return undefined;
}
