/**
 * A package as Word writes it: what is valid but spelt otherwise is spelt so once, when a template is
 * opened, so that all that reads its tags and fills it finds them (template repairs of
 * rendering/repairs/repairs.ts). Parts that are spelt as usual stay as they are, byte for byte.
 */
import { deflated } from '../rendering/packageWriter.ts';
import { repairIds, takenIds } from '../rendering/repairs/ids.ts';
import type { ZipEntry } from '../zip/reader.ts';
import type { ContentTypes } from './contentTypes.ts';
import { withUsualPrefixes } from './prefixes.ts';
import { spellUsually } from './spelling.ts';

/** Types of parts whose text may be filled. */
const FILLED =
  /wordprocessingml\.(?!styles|stylesWithEffects|fontTable|webSettings)|drawingml\.(?:diagramData|chart)|diagramDrawing|vmlDrawing|-properties\+xml|extended-properties|relationships\+xml|^application\/xml$|macroEnabled/;

export interface PackageParts {
  readonly parts: readonly ZipEntry[];
  readonly xml: ReadonlyMap<string, Uint8Array>;
}

/** @param xml in UTF-8 */
export function usualPackage({ parts, xml }: PackageParts, types: ContentTypes): PackageParts {
  const changed = new Map<string, Uint8Array>();
  for (const [name, content] of xml) {
    if (name === CONTENT_TYPES_PART) {
      const text = usualTypes(parts, xml, types, content);
      if (text !== undefined) changed.set(name, Buffer.from(text));
    } else if (FILLED.test(types.of(name))) {
      const text = Buffer.from(content).toString();
      const usual = usualXml(text);
      if (usual !== text) changed.set(name, Buffer.from(usual));
    }
  }
  return withParts({ parts, xml }, changed);
}

/** The package with other content for some of its parts. */
export function withParts(
  { parts, xml }: PackageParts,
  changed: ReadonlyMap<string, Uint8Array>,
): PackageParts {
  if (changed.size === 0) return { parts, xml };
  return {
    parts: parts.map((part) => {
      const content = changed.get(part.name);
      return content ? deflated(part.name, content) : part;
    }),
    xml: new Map([...xml].map(([name, content]) => [name, changed.get(name) ?? content])),
  };
}

function usualXml(text: string): string {
  const spelt = withUsualPrefixes(spellUsually(text));
  return repairIds(spelt, takenIds(spelt), true);
}

const CONTENT_TYPES_PART = '[Content_Types].xml';
const CONTENT_TYPES = 'http://schemas.openxmlformats.org/package/2006/content-types';

/**
 * The types of the parts, in such a way that docxtemplater finds them (its get-content-types.js): elements
 * without a prefix, extensions and names in the case of the parts. Undefined when it does.
 */
function usualTypes(
  parts: readonly ZipEntry[],
  xml: ReadonlyMap<string, Uint8Array>,
  types: ContentTypes,
  content: Uint8Array,
): string | undefined {
  const text = Buffer.from(content).toString();
  const byName = attributesOf(text, /<Override\s[^>]*>/g, 'PartName');
  const byExtension = attributesOf(text, /<Default\s[^>]*>/g, 'Extension');
  const found = (name: string) => {
    const override = byName.get(`/${name}`);
    if (override !== undefined) return override;
    for (const [extension, type] of byExtension) if (name.endsWith(extension)) return type;
    return '';
  };
  const isFound = [...xml.keys()].every(
    (name) => name === CONTENT_TYPES_PART || found(name) === types.of(name),
  );
  if (isFound) return undefined;
  const overrides = parts
    .filter(({ name }) => name !== CONTENT_TYPES_PART && types.of(name) !== '')
    .map(({ name }) => `<Override PartName="/${name}" ContentType="${types.of(name)}"/>`);
  return `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<Types xmlns="${CONTENT_TYPES}"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>${overrides.join('')}</Types>`;
}

function attributesOf(text: string, element: RegExp, key: string): Map<string, string> {
  const attribute = (tag: string, name: string) =>
    new RegExp(`\\s${name}\\s*=\\s*["']([^"']*)`).exec(tag)?.[1] ?? '';
  return new Map(
    Array.from(text.matchAll(element), ([tag]) => [
      attribute(tag, key),
      attribute(tag, 'ContentType'),
    ]),
  );
}
