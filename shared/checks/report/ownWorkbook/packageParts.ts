/** What names the parts of a package: relationships, content types, and the list of sheets. */
import { CONTENT_TYPES_PART, ROOT_RELATIONSHIPS } from '../../../office/partNames.ts';
import { readContentTypes } from '../../../office/contentTypes.ts';
import { relationshipsPart, readRelationships } from '../../../office/relationships.ts';
import { appendTo, childOf, declaredPrefix, readElements } from '../../../office/xmlElements.ts';
import { withEdits, withoutElements } from '../../../office/xmlEdit.ts';
import { localName, xmlAttributes, xmlTags, XmlMalformed } from '../../../office/xmlScan.ts';
import { escapeXml } from '../../../office/xmlText.ts';

/** Parts of a workbook, those that are changed or added being as they become. */
export interface ChangingParts {
  has(name: string): boolean;
  text(name: string): Promise<string>;
  set(name: string, text: string): void;
  remove(name: string): void;
}

/** Where the elements and relationships of a workbook are from. */
export interface Dialect {
  readonly main: string;
  readonly relationships: string;
}

const RELATIONSHIPS = {
  transitional: 'http://schemas.openxmlformats.org/officeDocument/2006/relationships',
  strict: 'http://purl.oclc.org/ooxml/officeDocument/relationships',
} as const;
const PACKAGE_RELATIONSHIPS = 'http://schemas.openxmlformats.org/package/2006/relationships';

/** The dialect by the namespace of a workbook's elements (ECMA-376 parts 1 and 4). */
export const dialectOf = (main: string): Dialect => ({
  main,
  relationships: main.startsWith('http://purl.oclc.org/')
    ? RELATIONSHIPS.strict
    : RELATIONSHIPS.transitional,
});

/** The namespace of an element's own name, by its tag. */
export function namespaceOf(name: string, attributes: string): string {
  const prefix = name.slice(0, Math.max(0, name.indexOf(':')));
  const declaration = prefix === '' ? 'xmlns' : `xmlns:${prefix}`;
  const found = new RegExp(`\\s${declaration}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`).exec(attributes);
  return found?.[1] ?? found?.[2] ?? '';
}

/** A name that no part has, such as xl/comments3.xml. @param before and `after` the number */
export function freePart(parts: Pick<ChangingParts, 'has'>, before: string, after: string): string {
  for (let i = 1; ; i++) {
    const name = `${before}${i}${after}`;
    if (!parts.has(name)) return name;
  }
}

/** The part's name as seen from another: from xl/worksheets/a.xml, xl/b.xml is ../b.xml. */
export function targetFrom(owner: string, part: string): string {
  const from = owner.split('/').slice(0, -1);
  const to = part.split('/');
  let same = 0;
  while (same < from.length && same < to.length - 1 && from[same] === to[same]) same++;
  return [...from.slice(same).map(() => '..'), ...to.slice(same)].map(encodeURIComponent).join('/');
}

/**
 * Leads from a part to another.
 * @returns the id of the relationship
 */
export async function addRelationship(
  parts: ChangingParts,
  owner: string,
  type: string,
  part: string,
): Promise<string> {
  const name = relationshipsPart(owner);
  const text = parts.has(name)
    ? await parts.text(name)
    : `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<Relationships xmlns="${PACKAGE_RELATIONSHIPS}"/>`;
  const root = readElements(text, 1);
  const ids = new Set(root.children.map(({ tag }) => xmlAttributes(tag).get('Id')));
  let number = 1;
  while (ids.has(`rIdCheck${number}`)) number++;
  const id = `rIdCheck${number}`;
  const xml = `<${root.prefix}Relationship Id="${id}" Type="${type}" Target="${targetFrom(owner, part)}"/>`;
  parts.set(name, withEdits(text, appendTo(root, xml)));
  return id;
}

/** The part that a relationship of a part leads to, by its id or by the end of its type. */
export async function relatedParts(
  parts: ChangingParts,
  owner: string,
): Promise<readonly { readonly id: string; readonly type: string; readonly part: string }[]> {
  const name = relationshipsPart(owner);
  if (!parts.has(name)) return [];
  const text = await parts.text(name);
  const ids = [...xmlTags(text)]
    .filter((tag) => localName(tag.name) === 'Relationship')
    .map((tag) => xmlAttributes(tag).get('Id') ?? '');
  return readRelationships(name, text).flatMap(({ type, target, external }, i) =>
    external || !parts.has(target) ? [] : [{ id: ids[i] ?? '', type, part: target }],
  );
}

/** Says what a new part is: by its name, or for drawings of comments by their ending. */
export async function addContentType(
  parts: ChangingParts,
  part: string,
  type: string,
): Promise<void> {
  const text = await parts.text(CONTENT_TYPES_PART);
  if (readContentTypes(text).of(part) === type) return;
  const root = readElements(text, 0);
  const extension = /\.vml$/.exec(part) ? 'vml' : undefined;
  const isFree = extension !== undefined && readContentTypes(text).of(`x.${extension}`) === '';
  const xml = isFree
    ? `<${root.prefix}Default Extension="${extension}" ContentType="${type}"/>`
    : `<${root.prefix}Override PartName="${escapeXml(`/${part}`)}" ContentType="${type}"/>`;
  parts.set(CONTENT_TYPES_PART, withEdits(text, appendTo(root, xml)));
}

/** Excel takes 65,534 sheets' ids. */
const LAST_SHEET_ID = 65_534;
const MOST_NAME_UNITS = 31;

/**
 * Adds a sheet behind all others.
 * @param wanted its name; another is made of it where that is taken
 * @returns the text of the workbook's part and the name
 * @throws XmlMalformed
 */
export function addSheet(
  text: string,
  { relationships }: Dialect,
  wanted: string,
  relationshipId: string,
): { text: string; name: string } {
  const root = readElements(text, 2);
  const list = childOf(root, 'sheets');
  if (!list) throw new XmlMalformed(0);
  const all = list.children.map(({ tag }) => xmlAttributes(tag));
  const names = new Set(all.map((sheet) => (sheet.get('name') ?? '').toLowerCase()));
  let name = wanted;
  for (let i = 2; names.has(name.toLowerCase()); i++)
    name = `${wanted} (${i})`.slice(0, MOST_NAME_UNITS);
  const ids = new Set(all.map((sheet) => Number(sheet.get('sheetId'))));
  let id =
    1 + [...ids].reduce((most, each) => (each < LAST_SHEET_ID && each > most ? each : most), 0);
  while (ids.has(id)) id--;
  const declared = declaredPrefix(root.tag, relationships);
  const reference =
    declared === undefined
      ? `xmlns:r="${relationships}" r:id="${relationshipId}"`
      : `${declared}id="${relationshipId}"`;
  const xml = `<${list.prefix}sheet name="${escapeXml(name)}" sheetId="${id}" ${reference}/>`;
  return { text: withEdits(text, appendTo(list, xml)), name };
}

const SIGNATURE = /\/relationships\/digital-signature\//;
const SIGNATURE_FOLDER = /^_xmlsignatures\//i;

/**
 * Takes away a digital signature, which any change makes invalid.
 * @param names of all parts
 * @returns whether there was one
 */
export async function removeSignature(
  parts: ChangingParts,
  names: readonly string[],
): Promise<boolean> {
  if (!parts.has(ROOT_RELATIONSHIPS)) return false;
  const root = await parts.text(ROOT_RELATIONSHIPS);
  const isSignature = (type: string) => SIGNATURE.test(type);
  const targets = readRelationships(ROOT_RELATIONSHIPS, root).filter(({ type }) =>
    isSignature(type),
  );
  const removed = new Set(names.filter((name) => SIGNATURE_FOLDER.test(name)));
  for (const { target } of targets) removed.add(target);
  if (removed.size === 0) return false;
  for (const name of removed) parts.remove(name);
  parts.set(
    ROOT_RELATIONSHIPS,
    withoutElements(
      root,
      (tag) =>
        localName(tag.name) === 'Relationship' && isSignature(xmlAttributes(tag).get('Type') ?? ''),
    ),
  );
  const gone = new Set([...removed].map((name) => name.toLowerCase()));
  parts.set(
    CONTENT_TYPES_PART,
    withoutElements(
      await parts.text(CONTENT_TYPES_PART),
      (tag) =>
        localName(tag.name) === 'Override' &&
        gone.has((xmlAttributes(tag).get('PartName') ?? '').replace(/^\//, '').toLowerCase()),
    ),
  );
  return true;
}
