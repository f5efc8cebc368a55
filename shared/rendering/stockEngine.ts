/** The stock engine: docxtemplater parses and fills the template anew for every row. */
import type { WordPackage } from '../templates/officePackage.ts';
import { hasTags, type TemplateTags } from '../templates/tags.ts';
import { MAX_DOCUMENT_BYTES, MAX_PACKAGE_INFLATED_BYTES } from '../limits.ts';
import type { Row } from '../schemas/common.ts';
import { loadFiles, renderParts } from './docxtemplater.ts';
import { createPackageWriter, deflated } from './packageWriter.ts';
import type { CompiledTemplate, RenderOptions, RenderResult } from './renderer.ts';
import { measureTemplate, needsTimeLimit } from './renderWork.ts';
import { createRowObserver, rowFailure, tooLarge } from './rowFailures.ts';
import { withTimeLimit } from './timeLimit.ts';

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

/**
 * @param reasons why no faster engine takes the template
 * @throws what docxtemplater throws when it cannot even fill the template with an empty row
 */
export function createStockEngine(
  template: WordPackage,
  { tags, parts }: TemplateTags,
  reasons: readonly string[],
  limits: DocumentLimits = LIMITS,
): CompiledTemplate {
  const files = loadFiles(template);
  const work = measureTemplate(parts.values());
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

  function fill(row: Row, options: RenderOptions): RenderResult {
    const observer = createRowObserver(limits.textUnits);
    const written = renderParts(files, row, observer);
    if (options.missingValue === 'error') {
      const failure = observer.missing();
      if (failure) return { ok: false, failure };
    }
    const document = writer.write([...written].filter(([name]) => varying.has(name)));
    return document.length > limits.documentBytes
      ? { ok: false, failure: tooLarge(limits.documentBytes) }
      : { ok: true, document };
  }

  return {
    tags,
    engine: { tier: 'stock', reasons: [...reasons] },
    render(row, options) {
      try {
        return needsTimeLimit(work, row, options.timeoutMs)
          ? withTimeLimit(options.timeoutMs, () => fill(row, options))
          : fill(row, options);
      } catch (error) {
        return { ok: false, failure: rowFailure(error) };
      }
    },
  };
}

/** The order that readers expect: what tells the kind of file first, then the document. */
const rank = (name: string) =>
  name === '[Content_Types].xml'
    ? 0
    : name === '_rels/.rels'
      ? 1
      : name.startsWith('word/')
        ? 2
        : 3;
