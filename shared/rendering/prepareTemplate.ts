/** What all engines of a template share: its parts, what no row changes, and the limits. */
import { MAX_DOCUMENT_BYTES, MAX_PACKAGE_INFLATED_BYTES } from '../limits.ts';
import { CONTENT_TYPES_PART, ROOT_RELATIONSHIPS } from '../office/partNames.ts';
import type { WordPackage } from '../office/wordPackage.ts';
import { hasTags, type TemplateTags } from './tags/readTags.ts';
import { loadFiles, renderParts, withRepairs, type TemplateFiles } from './docxtemplater.ts';
import type { ParsedPart, ParsedPiece } from './parsedPieces.ts';
import { withoutEmptyParagraphs, type Removal } from './emptyParagraphs/withoutEmpty.ts';
import { deflated } from '../zip/deflatedEntry.ts';
import { createPackageWriter, type PackageWriter } from './packageWriter.ts';
import { measureBreaks, measureTemplate, type TemplateWork } from './renderWork.ts';
import type { Tag } from '../schemas/common.ts';
import { parseTag } from '../tags/tagExpression.ts';
import type { PlacedTag } from '../tags/tagTree.ts';

/** How large a document may become. */
export interface DocumentLimits {
  /** Of the finished document. */
  readonly documentBytes: number;
  /** Of the text that is written for it, in UTF-16 units, before it is compressed. */
  readonly textUnits: number;
}

const LIMITS: DocumentLimits = {
  documentBytes: MAX_DOCUMENT_BYTES,
  // A document is no bomb either: it may inflate to what a template may.
  textUnits: MAX_PACKAGE_INFLATED_BYTES,
};

export interface PreparedTemplate {
  readonly files: TemplateFiles;
  readonly tags: readonly Tag[];
  readonly placed: readonly PlacedTag[];
  /** Whether some tag has formats: those read what is behind shown values. */
  readonly readsTyped: boolean;
  /** The parts that docxtemplater renders, in its order. */
  readonly parts: ReadonlyMap<string, ParsedPart>;
  /** Names of those that a row can change, in the same order. */
  readonly varying: ReadonlySet<string>;
  readonly work: TemplateWork;
  /** The most that a line break of a value is written as, in UTF-16 units. */
  readonly breakUnits: number;
  /** Knows the parts that no row changes. */
  readonly writer: PackageWriter;
  readonly limits: DocumentLimits;
  /** What stock docxtemplater writes for a row without any value, by part. */
  readonly emptyDocument: ReadonlyMap<string, Uint8Array>;
}

export interface PrepareOptions {
  readonly limits?: DocumentLimits | undefined;
  /** How paragraphs are left out that held only tags of which nothing came out. */
  readonly removal?: Removal | undefined;
}

/** @throws what docxtemplater throws when it cannot even fill the template with an empty row */
export function prepareTemplate(
  template: WordPackage,
  { tags, placed, parts: read }: TemplateTags,
  { limits = LIMITS, removal }: PrepareOptions = {},
): PreparedTemplate {
  const files = { ...withRepairs(loadFiles(template), read.keys()), removal };
  const parts = removal ? withoutEmpty(read, removal) : read;
  const varying = new Set([...parts].filter(([, part]) => hasTags(part)).map(([name]) => name));
  // docxtemplater rewrites parts without tags too: always to the same bytes.
  const rewritten = renderParts(files, {});
  const writer = createPackageWriter(
    template.parts
      .filter(({ name }) => !varying.has(name))
      .map((part) => {
        const content = rewritten.get(part.name);
        return content ? deflated(part.name, content) : part;
      })
      .sort((a, b) => rank(a.name) - rank(b.name)),
  );
  return {
    files,
    tags,
    placed,
    readsTyped: Array.from(parts.values()).some(({ parsed = [] }) => hasFormats(parsed)),
    parts,
    varying,
    work: measureTemplate(parts.values()),
    breakUnits: measureBreaks(parts.values()),
    writer,
    limits,
    emptyDocument: rewritten,
  };
}

const hasFormats = (pieces: readonly ParsedPiece[]): boolean =>
  pieces.some(
    ({ type, value, subparsed = [] }) =>
      (type === 'placeholder' && parseTag(value).show !== undefined) || hasFormats(subparsed),
  );

const withoutEmpty = (parts: ReadonlyMap<string, ParsedPart>, removal: Removal) =>
  new Map(
    Array.from(parts, ([name, { parsed, ...part }]): [string, ParsedPart] => [
      name,
      { ...part, ...(parsed && { parsed: withoutEmptyParagraphs(parsed, removal) }) },
    ]),
  );

/** The order that readers expect: what tells the kind of file first, then the document. */
const rank = (name: string) =>
  name === CONTENT_TYPES_PART
    ? 0
    : name === ROOT_RELATIONSHIPS
      ? 1
      : name.startsWith('word/')
        ? 2
        : 3;
