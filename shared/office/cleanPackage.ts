/**
 * What a template has of its author that no document may take along: a signature that filling breaks,
 * the connection to a list of recipients, and the template that it was made from.
 */
import { CONTENT_TYPES_PART, ROOT_RELATIONSHIPS } from './partNames.ts';
import { relationshipsPart, readRelationships, type Relationship } from './relationships.ts';
import { localName, xmlAttributes, xmlTags } from './xmlScan.ts';
import { withoutElements } from './xmlEdit.ts';

export interface CleanedPackage {
  /** Parts with other content. */
  readonly changed: ReadonlyMap<string, string>;
  readonly removed: ReadonlySet<string>;
  readonly isSigned: boolean;
  readonly isMailMerge: boolean;
  /** What it was attached to. */
  readonly attachedTo: readonly string[];
  /** Files of the author's computer that it still leads to, by the part that does. */
  readonly paths: readonly { readonly part: string; readonly path: string }[];
}

const SIGNATURE = /\/relationships\/digital-signature\//;
const SIGNATURE_FOLDER = /^_xmlsignatures\//;
const SETTINGS = /\/relationships\/settings$/;
const MAIL_MERGE = /\/relationships\/(?:mailMerge(?:Header)?Source|recipientData)$/;
const ATTACHED_TEMPLATE = /\/relationships\/attachedTemplate$/;
/** The transformation that "Save as XML" was last given. */
const TRANSFORM = /\/relationships\/transform$/;
/** A file of this computer or of a server of its network. */
const PATH = /^(?:file:|[a-z]:[\\/]|\\\\)/i;
/** Elements of the settings that name what is taken away. */
const UNWANTED_SETTINGS = new Set(['mailMerge', 'attachedTemplate', 'saveThroughXslt']);

/**
 * @param names of all parts
 * @param textOf the text of an XML part
 * @throws XmlMalformed
 */
export function cleanPackage(
  names: ReadonlySet<string>,
  mainPart: string,
  textOf: (name: string) => string,
): CleanedPackage {
  const changed = new Map<string, string>();
  const removed = new Set<string>();
  const current = (name: string) => changed.get(name) ?? textOf(name);
  const relationshipsAt = (name: string): Relationship[] =>
    names.has(name) ? readRelationships(name, current(name)) : [];
  const dropRelationships = (name: string, isUnwanted: (type: string) => boolean) =>
    changed.set(
      name,
      withoutElements(
        current(name),
        (tag) =>
          localName(tag.name) === 'Relationship' &&
          isUnwanted(xmlAttributes(tag).get('Type') ?? ''),
      ),
    );

  const root = relationshipsAt(ROOT_RELATIONSHIPS);
  const isSigned =
    root.some(({ type }) => SIGNATURE.test(type)) ||
    [...names].some((name) => SIGNATURE_FOLDER.test(name));
  if (isSigned) {
    for (const name of names) if (SIGNATURE_FOLDER.test(name)) removed.add(name);
    for (const { type, target } of root) {
      if (!SIGNATURE.test(type)) continue;
      removed.add(target);
      removed.add(relationshipsPart(target));
      for (const signature of relationshipsAt(relationshipsPart(target))) {
        removed.add(signature.target);
        removed.add(relationshipsPart(signature.target));
      }
    }
    dropRelationships(ROOT_RELATIONSHIPS, (type) => SIGNATURE.test(type));
  }

  const attachedTo: string[] = [];
  let isMailMerge = false;
  const settings = relationshipsAt(relationshipsPart(mainPart)).find(({ type }) =>
    SETTINGS.test(type),
  )?.target;
  // Some writers keep these relationships with the main part.
  for (const owner of settings === undefined ? [mainPart] : [settings, mainPart]) {
    const relationships = relationshipsPart(owner);
    const isUnwanted = (type: string) =>
      MAIL_MERGE.test(type) || ATTACHED_TEMPLATE.test(type) || TRANSFORM.test(type);
    const unwanted = relationshipsAt(relationships).filter(({ type }) => isUnwanted(type));
    for (const { type, target, external } of unwanted) {
      if (ATTACHED_TEMPLATE.test(type)) attachedTo.push(target);
      if (MAIL_MERGE.test(type)) isMailMerge = true;
      if (!external) removed.add(target).add(relationshipsPart(target));
    }
    if (unwanted.length > 0) dropRelationships(relationships, isUnwanted);
  }
  if (settings !== undefined && names.has(settings)) {
    const before = current(settings);
    const after = withoutElements(before, (tag) => {
      const element = localName(tag.name);
      isMailMerge ||= element === 'mailMerge';
      return UNWANTED_SETTINGS.has(element);
    });
    if (after !== before) changed.set(settings, after);
  }

  for (const name of removed) if (!names.has(name)) removed.delete(name);
  if (removed.size > 0) changed.set(CONTENT_TYPES_PART, typesOf(names, removed, current));
  for (const name of removed) changed.delete(name);
  return {
    changed,
    removed,
    isSigned,
    isMailMerge,
    attachedTo,
    paths: findPaths(names, removed, current),
  };
}

const extensionOf = (name: string) => name.slice(name.lastIndexOf('.') + 1).toLowerCase();

/** The content types without those of removed parts, and of extensions that no part has any more. */
function typesOf(
  names: ReadonlySet<string>,
  removed: ReadonlySet<string>,
  textOf: (name: string) => string,
): string {
  const kept = [...names].filter((name) => !removed.has(name));
  const extensions = new Set(kept.map(extensionOf));
  const gone = new Set([...removed].map((name) => name.toLowerCase()));
  const goneExtensions = new Set([...removed].map(extensionOf));
  return withoutElements(textOf(CONTENT_TYPES_PART), (tag) => {
    const attributes = xmlAttributes(tag);
    if (localName(tag.name) === 'Override') {
      return gone.has((attributes.get('PartName') ?? '').replace(/^\//, '').toLowerCase());
    }
    if (localName(tag.name) !== 'Default') return false;
    const extension = (attributes.get('Extension') ?? '').toLowerCase();
    return goneExtensions.has(extension) && !extensions.has(extension);
  });
}

function findPaths(
  names: ReadonlySet<string>,
  removed: ReadonlySet<string>,
  textOf: (name: string) => string,
): { part: string; path: string }[] {
  const found: { part: string; path: string }[] = [];
  for (const name of names) {
    if (removed.has(name)) continue;
    if (name.endsWith('.rels')) {
      for (const { target, external } of readRelationships(name, textOf(name))) {
        if (external && PATH.test(target)) found.push({ part: ownerOf(name), path: target });
      }
    } else if (
      /\.xml$/i.test(name) &&
      /descr\s*=\s*["'](?:file:|[a-z]:[\\/]|\\\\)/i.test(textOf(name))
    ) {
      for (const tag of xmlTags(textOf(name))) {
        const path = xmlAttributes(tag).get('descr') ?? '';
        if (PATH.test(path) && !found.some((other) => other.path === path)) {
          found.push({ part: name, path });
        }
      }
    }
  }
  return found;
}

/** `word/_rels/document.xml.rels` → `word/document.xml`. */
const ownerOf = (name: string) => name.replace(/_rels\/([^/]*)\.rels$/, '$1');
