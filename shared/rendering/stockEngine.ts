/**
 * The engines that have docxtemplater fill the template: anew for every row, as its users call it, or
 * with the template parsed once for all rows.
 */
import type { WordPackage } from '../office/wordPackage.ts';
import type { TemplateTags } from './tags/readTags.ts';
import type { Engine, Row } from '../schemas/common.ts';
import { openRenderer, renderParts, type RenderObserver } from './docxtemplater.ts';
import { prepareTemplate, type DocumentLimits, type PreparedTemplate } from './prepareTemplate.ts';
import type { CompiledTemplate, RenderOptions, RenderResult } from './renderer.ts';
import { needsTimeLimit } from './renderWork.ts';
import { createRowObserver, rowFailure, tooLarge } from './rowFailures.ts';
import { withTimeLimit } from './timeLimit.ts';

/** An engine that another one may call within its own time limit. */
export interface StoppableEngine extends CompiledTemplate {
  /** As render(), but without a time limit of its own, and throwing where the row fails. */
  fill(row: Row, options: RenderOptions): RenderResult;
}

/** Fills the parts; throws what docxtemplater and the observer throw. */
export type RenderParts = (row: Row, observer: RenderObserver) => Map<string, Uint8Array>;

/**
 * @param reasons why no faster engine takes the template
 * @throws what docxtemplater throws when it cannot even fill the template with an empty row
 */
export function createStockEngine(
  template: WordPackage,
  tags: TemplateTags,
  reasons: readonly string[],
  limits?: DocumentLimits,
): CompiledTemplate {
  return stockEngine(prepareTemplate(template, tags, { limits }), reasons);
}

export const stockEngine = (prepared: PreparedTemplate, reasons: readonly string[]) =>
  createEngine(prepared, { tier: 'stock', reasons: [...reasons] }, (row, observer) =>
    renderParts(prepared.files, row, observer),
  );

/** @param reasons why the compiler does not take the template */
export const reusedParseEngine = (prepared: PreparedTemplate, reasons: readonly string[]) =>
  createEngine(
    prepared,
    { tier: 'reused-parse', reasons: [...reasons] },
    createReusingRenderer(prepared),
  );

/** Parses the template at first, and again whenever a row failed and may have left something behind. */
export function createReusingRenderer({ files }: PreparedTemplate): RenderParts {
  let render: RenderParts | undefined;
  return (row, observer) => {
    const current = render ?? openRenderer(files);
    render = undefined;
    const written = current(row, observer);
    render = current;
    return written;
  };
}

function createEngine(
  { tags, placed, readsTyped, varying, work, breakUnits, writer, limits }: PreparedTemplate,
  engine: Engine,
  render: RenderParts,
): StoppableEngine {
  function fill(row: Row, options: RenderOptions): RenderResult {
    const observer = createRowObserver(limits.textUnits, breakUnits, options.spellings);
    const written = render(row, observer);
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
    placed,
    readsTyped,
    engine,
    fill,
    render(row, options) {
      try {
        return needsTimeLimit(work, breakUnits, row, options.timeoutMs)
          ? withTimeLimit(options.timeoutMs, () => fill(row, options))
          : fill(row, options);
      } catch (error) {
        return { ok: false, failure: rowFailure(error) };
      }
    },
  };
}
