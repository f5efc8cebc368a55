/** Elements of XML text with where they begin and end, and places for further ones among them. */
import type { XmlEdit } from './xmlEdit.ts';
import { localName, XmlMalformed, xmlTags, type XmlTag } from './xmlScan.ts';

export interface XmlElement {
  /** Its start tag. */
  readonly tag: XmlTag;
  /** Without its prefix. */
  readonly name: string;
  /** With its colon; '' for none. */
  readonly prefix: string;
  /** 0 is the root. */
  readonly depth: number;
  readonly children: readonly XmlElement[];
  /** Where its end tag begins; where it ends itself when it is empty. */
  readonly contentEnd: number;
  readonly end: number;
}

/** There are more elements than are held at a time. */
export class XmlTooLarge extends Error {
  constructor() {
    super(`The XML has more than ${MOST_ELEMENTS} elements.`);
    this.name = 'XmlTooLarge';
  }
}

/** Of some 200 bytes each: lists of styles and comments have some 100,000 at the most. */
const MOST_ELEMENTS = 500_000;

type Open = { -readonly [K in keyof XmlElement]: XmlElement[K] } & { children: XmlElement[] };

/**
 * The root of a part, with what is in it down to a depth.
 * @throws XmlMalformed, XmlTooLarge
 */
export function readElements(text: string, maxDepth: number): XmlElement {
  let root: Open | undefined;
  const open: Open[] = [];
  let depth = 0;
  let count = 0;
  for (const tag of xmlTags(text)) {
    if (tag.kind === 'close') {
      depth--;
      if (depth > maxDepth) continue;
      const element = open.pop();
      if (element?.tag.name !== tag.name) throw new XmlMalformed(tag.start);
      element.contentEnd = tag.start;
      element.end = tag.end;
      continue;
    }
    if (depth <= maxDepth) {
      if (++count > MOST_ELEMENTS) throw new XmlTooLarge();
      const { name: written, end } = tag;
      const name = localName(written);
      const prefix = written.slice(0, written.length - name.length);
      const element: Open = { tag, name, prefix, depth, children: [], contentEnd: end, end };
      if (depth === 0 && root) throw new XmlMalformed(tag.start);
      root ??= element;
      open.at(-1)?.children.push(element);
      if (tag.kind === 'open') open.push(element);
    }
    if (tag.kind === 'open') depth++;
  }
  if (!root || depth !== 0) throw new XmlMalformed(text.length);
  return root;
}

export const childOf = (element: XmlElement, name: string): XmlElement | undefined =>
  element.children.find((child) => child.name === name);

/**
 * Edits that put something at the end of an element.
 * @param attributes that its start tag gets, in place of those of the same name
 */
export function appendTo(
  element: XmlElement,
  added: string,
  attributes: Readonly<Record<string, string | number>> = {},
): XmlEdit[] {
  const { tag, contentEnd } = element;
  let own = tag.attributes;
  for (const [name, value] of Object.entries(attributes)) {
    const known = new RegExp(`(\\s${name}\\s*=\\s*)(?:"[^"]*"|'[^']*')`);
    own = known.test(own) ? own.replace(known, `$1"${value}"`) : `${own} ${name}="${value}"`;
  }
  if (tag.kind === 'empty')
    return [{ start: tag.start, end: tag.end, text: `<${tag.name}${own}>${added}</${tag.name}>` }];
  const edits = [{ start: contentEnd, end: contentEnd, text: added }];
  if (own === tag.attributes) return edits;
  return [{ start: tag.start, end: tag.end, text: `<${tag.name}${own}>` }, ...edits];
}

/**
 * The edit that puts a new child where the order of a schema has it: behind the last that comes before it.
 * @param order names of all children, in their order
 */
export function insertInto(
  root: XmlElement,
  order: readonly string[],
  name: string,
  text: string,
): XmlEdit[] {
  const rank = order.indexOf(name);
  const before = root.children.filter((child) => {
    const other = order.indexOf(child.name);
    return other >= 0 && other <= rank;
  });
  if (before.length === 0 && root.tag.kind === 'empty') return appendTo(root, text);
  const at = before.at(-1)?.end ?? root.tag.end;
  return [{ start: at, end: at, text }];
}

/** The prefix, with its colon, that a tag declares for a namespace; undefined when it declares none. */
export function declaredPrefix({ attributes }: XmlTag, namespace: string): string | undefined {
  for (const [, prefix, double, single] of attributes.matchAll(
    /\sxmlns:([^\s=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g,
  )) {
    if ((double ?? single) === namespace) return `${prefix}:`;
  }
  return undefined;
}
