/** The rendering port: a template is compiled once, then filled row by row. */
import type { Engine, Row, RowFailure, Tag } from '../schemas/common.ts';

export interface RenderOptions {
  readonly missingValue: 'empty' | 'error';
  /** A row that takes longer fails with TIMEOUT. */
  readonly timeoutMs: number;
}

/** A row's outcome: a document or a reason, never an exception. */
export type RenderResult =
  | { readonly ok: true; readonly document: Uint8Array }
  | { readonly ok: false; readonly failure: RowFailure };

export interface CompiledTemplate {
  readonly tags: readonly Tag[];
  readonly engine: Engine;
  render(row: Row, options: RenderOptions): RenderResult;
}

/**
 * Compiles the bytes of a checked template.
 * @throws Problem TEMPLATE_INVALID with every fault found
 */
export type CompileTemplate = (template: Uint8Array) => CompiledTemplate;
