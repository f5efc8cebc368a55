/**
 * Where in a part, besides its text, people put tags: attributes that are shown or followed, codes of
 * fields, and the data that content controls are bound to.
 */
import { ATTRIBUTE, localName, xmlTags, type XmlTag } from '../../office/xmlScan.ts';
import { encodeAddress, type EncodedPiece } from './addresses.ts';
import type { Encoder } from './encoders.ts';
import { encodeFieldCode } from './fieldCodes.ts';
import { cutTags } from './tagsInValue.ts';

/** A value with tags, from its start to its end in the XML, in UTF-16 units. */
export interface Place {
  readonly start: number;
  readonly end: number;
  readonly pieces: readonly EncodedPiece[];
}

type Kind = 'text' | 'line' | 'field' | 'address';

/** Attributes by element, both without their prefix. */
const ATTRIBUTES: Readonly<Record<string, Readonly<Record<string, Kind>>>> = {
  // Alternative text of pictures, shapes, charts and tables.
  docPr: { descr: 'text', title: 'text', name: 'line' },
  cNvPr: { descr: 'text', title: 'text', name: 'line' },
  tblCaption: { val: 'line' },
  tblDescription: { val: 'text' },
  // Watermarks and WordArt have one line.
  textpath: { string: 'line' },
  imagedata: { title: 'line' },
  // Tips and places of links.
  hlinkClick: { tooltip: 'line' },
  hlinkHover: { tooltip: 'line' },
  hyperlink: { tooltip: 'line', anchor: 'line' },
  fldSimple: { instr: 'field' },
  // Form fields, content controls, and variables of the document.
  default: { val: 'text' },
  helpText: { val: 'text' },
  statusText: { val: 'text' },
  listItem: { displayText: 'line', value: 'line' },
  listEntry: { val: 'line' },
  alias: { val: 'line' },
  docVar: { val: 'text' },
  lvlText: { val: 'line' },
};

/** Any drawing in VML. */
const OF_VML: Readonly<Record<string, Kind>> = { alt: 'text', title: 'line', href: 'address' };
const VML = /^v:/;

const ENCODERS: Readonly<Record<'text' | 'line', Encoder>> = { text: 'text', line: 'line' };

/** What a part may hold in its elements, besides the text that docxtemplater knows. */
export type PartKind = 'relationships' | 'store' | 'other';

/** @param xml a stretch of a part that is no text of the document, made of whole tags */
export function findPlaces(xml: string, kind: PartKind): Place[] {
  const found: Place[] = [];
  /** Behind the last start tag, where its text begins. */
  let text: { readonly start: number; readonly isField: boolean } | undefined;
  const addText = (end: number) => {
    if (!text) return;
    const value = xml.slice(text.start, end);
    const pieces = text.isField ? encodeFieldCode(value) : encode(value, 'text');
    if (pieces) found.push({ start: text.start, end, pieces });
  };
  for (const tag of xmlTags(xml)) {
    addText(tag.start);
    const isField = tag.kind === 'open' && localName(tag.name) === 'instrText';
    text = isField || kind === 'store' ? { start: tag.end, isField } : undefined;
    if (tag.kind !== 'close' && hasBraces(tag.attributes)) {
      found.push(...placesOf(tag, kind, offsetOf(tag, xml)));
    }
  }
  if (text && kind === 'store') addText(xml.length);
  return found;
}

const hasBraces = (text: string) => text.includes('{') || /%7b/i.test(text);

/** Where the attributes of a tag begin. */
const offsetOf = (tag: XmlTag, xml: string) => xml.indexOf(tag.name, tag.start) + tag.name.length;

function placesOf(tag: XmlTag, part: PartKind, offset: number): Place[] {
  const element = localName(tag.name);
  const own = ATTRIBUTES[element] ?? {};
  const isExternal = /\sTargetMode\s*=\s*["']External["']/.test(tag.attributes);
  return Array.from(tag.attributes.matchAll(ATTRIBUTE)).flatMap((match): Place[] => {
    const [whole, name = '', double, single] = match;
    const value = double ?? single ?? '';
    if (!hasBraces(value)) return [];
    let kind = own[localName(name)] ?? (VML.test(tag.name) ? OF_VML[localName(name)] : undefined);
    if (part === 'relationships') {
      kind = isExternal && name === 'Target' ? 'address' : undefined;
    } else if (part === 'store' && !name.startsWith('xmlns')) kind = 'text';
    const pieces = kind && encode(value, kind);
    if (!pieces) return [];
    const end = offset + match.index + whole.length - 1;
    return [{ start: end - value.length, end, pieces }];
  });
}

function encode(value: string, kind: Kind): readonly EncodedPiece[] | undefined {
  if (kind === 'field') return encodeFieldCode(value);
  const pieces = cutTags(value, kind === 'address');
  if (!pieces) return undefined;
  if (kind === 'address') return encodeAddress(pieces);
  const encoder = ENCODERS[kind];
  return pieces.map((piece) => ('tag' in piece ? { ...piece, encoder } : piece));
}
