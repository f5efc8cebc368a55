/** Parts with tags that docxtemplater leaves as they are, unless it is told of them. */
import { CONTENT_TYPES_PART } from '../../office/partNames.ts';
import { readContentTypes } from '../../office/contentTypes.ts';
import { readRelationships } from '../../office/relationships.ts';
import { XmlMalformed } from '../../office/xmlScan.ts';
import { findPlaces } from './findPlaces.ts';

/** Types of parts whose text is filled (ECMA-376 part 1, 11.3 and 14.2; MS-ODRAWXML). */
const TEXT_PARTS = new Set([
  'application/vnd.openxmlformats-officedocument.wordprocessingml.endnotes+xml',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.numbering+xml',
  'application/vnd.openxmlformats-officedocument.drawingml.chart+xml',
  'application/vnd.openxmlformats-officedocument.drawingml.chartshapes+xml',
  'application/vnd.ms-office.chartex+xml',
]);
/** Data that content controls are bound to. */
const STORE = /\/relationships\/customXml$/;
const OPENING_BRACE = 0x7b;

export interface PartsWithPlaces {
  readonly targets: ReadonlySet<string>;
  /** Those of them that are data. */
  readonly stores: ReadonlySet<string>;
}

/** @param xml the XML parts of a package by name */
export function partsWithPlaces(xml: ReadonlyMap<string, Uint8Array>): PartsWithPlaces {
  const targets = new Set<string>();
  const stores = new Set<string>();
  const textOf = (name: string) => new TextDecoder().decode(xml.get(name));
  const types = readContentTypes(textOf(CONTENT_TYPES_PART));
  const related = new Set<string>();
  for (const name of xml.keys()) {
    if (!name.endsWith('.rels')) continue;
    for (const { type, target, external } of orNone(() => readRelationships(name, textOf(name)))) {
      if (!external && STORE.test(type)) related.add(target);
    }
  }
  for (const [name, content] of xml) {
    if (name.endsWith('.rels')) {
      if (orNone(() => findPlaces(textOf(name), 'relationships')).length > 0) targets.add(name);
    } else if (!content.includes(OPENING_BRACE)) continue;
    else if (TEXT_PARTS.has(types.of(name))) targets.add(name);
    else if (
      related.has(name) &&
      isFillableStore(textOf(name)) &&
      orNone(() => findPlaces(textOf(name), 'store')).length > 0
    ) {
      targets.add(name);
      stores.add(name);
    }
  }
  return { targets, stores };
}

/** Elements that docxtemplater takes for texts wherever they are; what is in them it takes for no XML. */
const WITH_ELEMENTS_IN_TEXT =
  /<(?:Company|HyperlinkBase|Manager|PublishDate|Abstract|Company(?:Address|Phone|Fax|Email))(?:\s[^>]*[^/]|)>[^<]*<[^/]/;

/** Whether docxtemplater can read some data. */
export const isFillableStore = (xml: string): boolean => !WITH_ELEMENTS_IN_TEXT.test(xml);

/** Of a part that is not well-formed nothing is read: that it is so is said elsewhere. */
function orNone<T>(read: () => T[]): T[] {
  try {
    return read();
  } catch (error) {
    if (error instanceof XmlMalformed) return [];
    throw error;
  }
}
