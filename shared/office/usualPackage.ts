/**
 * A package as Word writes it: what is valid but spelt otherwise is spelt so once, when a template is
 * opened, so that all that reads its tags and fills it finds them (template repairs of
 * rendering/repairs/repairs.ts). Parts that are spelt as usual stay as they are, byte for byte.
 */
import { CONTENT_TYPES_PART } from './partNames.ts';
import type { ZipEntry } from '../zip/reader.ts';
import { withParts, type PackageParts } from './changePackage.ts';
import type { ContentTypes } from './contentTypes.ts';
import { withUsualPrefixes } from './prefixes.ts';
import { spellUsually } from './spelling.ts';

/** Types of parts whose text may be filled. */
const FILLED =
  /wordprocessingml\.(?!styles|stylesWithEffects|fontTable|webSettings)|drawingml\.(?:diagramData|chart)|diagramDrawing|vmlDrawing|-properties\+xml|extended-properties|relationships\+xml|^application\/xml$|macroEnabled/;

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

/** What may hold a tag, or a field that is filled; a reference to a brace is one, too. */
const MAY_BE_FILLED = /\{|&#(?:0*123|x0*7b);|instrText|fldSimple/i;

const usualXml = (text: string): string =>
  MAY_BE_FILLED.test(text) ? withUsualPrefixes(spellUsually(text)) : text;

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
