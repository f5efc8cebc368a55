/** The rendering port: a template is compiled once, then filled row by row. */
import type { Hash } from 'node:crypto';
import type { Spellings } from '../columns/spellings.ts';
import type { Engine, Row, RowFailure, Tag, TaskOptions, TriedEngine } from '../schemas/common.ts';
import type { PlacedTag } from '../tags/tagTree.ts';

export interface RenderOptions {
  readonly missingValue: 'empty' | 'error';
  /** A row that takes longer fails with TIMEOUT. */
  readonly timeoutMs: number;
  /** Further keys that names of tags are looked up by: of this template and the columns of the rows. */
  readonly spellings?: Spellings | undefined;
}

/** How every document of a template begins: its checksums need not be computed again and again. */
export interface DocumentHead {
  readonly bytes: number;
  readonly crc32: number;
  /** SHA-256 of these bytes, to be copied and gone on with. */
  readonly sha256: Hash;
}

/** A row's outcome: a document or a reason, never an exception. */
export type RenderResult =
  | { readonly ok: true; readonly document: Uint8Array; readonly head?: DocumentHead }
  | { readonly ok: false; readonly failure: RowFailure };

/** Memory of just so many bytes; undefined when there is none to spare. */
export type Room = (bytes: number) => Buffer | undefined;

export interface CompiledTemplate {
  readonly tags: readonly Tag[];
  /** The same as they stand in each other, for whoever goes over them as documents do. */
  readonly placed: readonly PlacedTag[];
  readonly engine: Engine;
  /** Whether rows are to have what is behind their shown values (tags/shown.ts). */
  readonly readsTyped: boolean;
  /** @param room gives memory for a document of so many bytes, where it saves a copy */
  render(row: Row, options: RenderOptions, room?: Room): RenderResult;
}

/** What becomes of a paragraph that held only tags of which nothing came out. */
export type EmptyParagraphs = TaskOptions['emptyParagraphs'];

export interface CompileOptions {
  /** Of all rows that it is filled with; by default they are kept. */
  readonly emptyParagraphs?: EmptyParagraphs;
  /** Of all rows, too: where it is an error, a paragraph stays for a tag without a value. */
  readonly missingValue?: RenderOptions['missingValue'];
  /** The engine that was tried when it was checked, with empty paragraphs kept: if by this build, it is not tried again. */
  readonly tried?: TriedEngine | undefined;
}

/**
 * Compiles the bytes of a checked template.
 * @throws Problem TEMPLATE_INVALID with every fault found
 */
export type CompileTemplate = (template: Uint8Array, options?: CompileOptions) => CompiledTemplate;
