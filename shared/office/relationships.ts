/** .rels parts: what a part, or the package itself, points to (ECMA-376 part 2, 6.5). */
import { localName, xmlAttributes, xmlTags } from './xmlScan.ts';

export interface Relationship {
  readonly type: string;
  /** Name of the part it leads to; as written when external. */
  readonly target: string;
  /** Whether it leads out of the package. */
  readonly external: boolean;
}

/**
 * @param partName name of the .rels part: `_rels/.rels` is the package's, `word/_rels/a.xml.rels`
 *   belongs to `word/a.xml`
 * @throws XmlMalformed
 */
export function readRelationships(partName: string, text: string): Relationship[] {
  const folder = partName.slice(0, partName.lastIndexOf('_rels/'));
  const found: Relationship[] = [];
  for (const tag of xmlTags(text)) {
    if (localName(tag.name) !== 'Relationship') continue;
    const attributes = xmlAttributes(tag);
    const external = attributes.get('TargetMode') === 'External';
    const target = attributes.get('Target') ?? '';
    found.push({
      type: attributes.get('Type') ?? '',
      target: external ? target : resolve(folder, target),
      external,
    });
  }
  return found;
}

/** Name of the part that holds the relationships of another: `word/a.xml` → `word/_rels/a.xml.rels`. */
export const relationshipsPart = (partName: string) =>
  partName.replace(/([^/]*)$/, '_rels/$1.rels');

/** A target such as `../media/a.png`, `document.xml` or `/word/document.xml`, as a part's name. */
function resolve(folder: string, target: string): string {
  const path = target.startsWith('/') ? target : `/${folder}${target}`;
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(segment);
  }
  return decodeName(segments.join('/'));
}

/** Part names are URIs; a stray % stands for itself. */
function decodeName(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
