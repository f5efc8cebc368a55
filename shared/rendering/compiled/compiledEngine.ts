/** The compiled engine: fills a document by a program, without docxtemplater. */
import type { Spellings } from '../../columns/spellings.ts';
import type { Row } from '../../schemas/common.ts';
import { preparePieces } from '../deflate/pieces.ts';
import { createPlainSink } from '../deflate/plainSink.ts';
import { createCodingSink } from '../deflate/codingSink.ts';
import type { PreparedTemplate } from '../prepareTemplate.ts';
import { sizeOf } from '../packageWriter.ts';
import type { CompiledTemplate, RenderOptions, RenderResult, Room } from '../renderer.ts';
import { needsTimeLimit } from '../renderWork.ts';
import { rowFailure, tooLarge } from '../rowFailures.ts';
import { Unwritable, type PartContent, type PartSink, type Sink } from '../sink.ts';
import type { StoppableEngine } from '../stockEngine.ts';
import { withTimeLimit } from '../timeLimit.ts';
import { createExecutor } from './execute.ts';
import { expectUse } from './expectedUse.ts';
import type { Program } from './program.ts';

/** Put together from prepared pieces, or compressed anew for each row at a level of zlib. */
export type Compression = 'prepared' | { readonly level: number };

/** Writes the parts that a row changes, in order. */
export interface ContentWriter {
  readonly names: readonly string[];
  /**
   * @param spellings further keys that names of tags are looked up by
   * @returns their contents, valid until the next call, and whether a tag had no value
   * @throws Unwritable, TextExceeded
   */
  write(
    row: Row,
    spellings?: Spellings,
  ): { readonly contents: readonly PartContent[]; readonly missed: boolean };
}

/** Parts that no row changes are read too: docxtemplater counts their text and records their runs. */
const NOWHERE: Sink = { piece: () => undefined, text: () => undefined, markup: () => undefined };

export function createContentWriter(
  { varying, limits, breakUnits }: PreparedTemplate,
  programs: ReadonlyMap<string, Program>,
  compression: Compression = 'prepared',
): ContentWriter {
  const executor = createExecutor(
    limits.textUnits,
    breakUnits,
    Math.max(0, ...Array.from(programs.values(), ({ slots }) => slots)),
  );
  const parts = Array.from(programs, ([name, program]) => ({
    name,
    instructions: program.instructions,
    sink: varying.has(name) ? createSink(program, compression) : undefined,
  }));
  return {
    names: parts.filter(({ sink }) => sink).map(({ name }) => name),
    write(row, spellings) {
      executor.start(row, spellings);
      const contents: PartContent[] = [];
      for (const { instructions, sink } of parts) {
        sink?.begin();
        executor.run(instructions, sink ?? NOWHERE);
        if (sink) contents.push(sink.end());
      }
      return { contents, missed: executor.missed };
    },
  };
}

const createSink = (program: Program, compression: Compression): PartSink =>
  compression === 'prepared'
    ? createCodingSink(preparePieces(program.pieces, expectUse(program)))
    : createPlainSink(program.pieces, compression.level);

/** @param stock says what becomes of the rows that the program cannot write */
export function compiledEngine(
  { tags, placed, readsTyped, work, breakUnits, writer: packages, limits }: PreparedTemplate,
  writer: ContentWriter,
  stock: StoppableEngine,
): CompiledTemplate {
  const frame = packages.prepare(writer.names);

  /** Undefined for a row that is left to the stock engine. */
  function fillFast(row: Row, options: RenderOptions, room?: Room): RenderResult | undefined {
    try {
      const { contents, missed } = writer.write(row, options.spellings);
      if (missed && options.missingValue === 'error') return undefined;
      const bytes = frame.bytes(sizeOf(contents));
      return bytes > limits.documentBytes
        ? { ok: false, failure: tooLarge(limits.documentBytes) }
        : { ok: true, document: frame.fill(contents, room?.(bytes)), head: frame.head };
    } catch (error) {
      if (error instanceof Unwritable) return undefined;
      throw error;
    }
  }

  return {
    tags,
    placed,
    readsTyped,
    engine: { tier: 'compiled', reasons: [] },
    render(row, options, room) {
      // The two share the time that a row may take.
      const fill = () => fillFast(row, options, room) ?? stock.fill(row, options);
      try {
        return needsTimeLimit(work, breakUnits, row, options.timeoutMs)
          ? withTimeLimit(options.timeoutMs, fill)
          : fill();
      } catch (error) {
        return { ok: false, failure: rowFailure(error) };
      }
    },
  };
}
