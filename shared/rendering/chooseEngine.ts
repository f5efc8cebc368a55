/**
 * Chooses the fastest engine that gives what stock docxtemplater gives, part by part, byte for byte:
 * proved from the template, and tried with rows made for it.
 */
import { crc32, inflateRawSync } from 'node:zlib';
import type { Engine, Row } from '../schemas/common.ts';
import type { WordPackage } from '../office/wordPackage.ts';
import type { TemplateTags } from './tags/readTags.ts';
import {
  compiledEngine,
  createContentWriter,
  type Compression,
  type ContentWriter,
} from './compiled/compiledEngine.ts';
import { compileParts } from './compiled/compileParts.ts';
import { renderParts, SILENT } from './docxtemplater.ts';
import type { ParsedPiece } from './parsedPieces.ts';
import { prepareTemplate, type PreparedTemplate, type PrepareOptions } from './prepareTemplate.ts';
import type { CompiledTemplate } from './renderer.ts';
import { createDocumentCheck, type DocumentCheck } from './repairs/checkDocuments.ts';
import { findDifference, trialItems, trialRows } from './selfCheck.ts';
import { createReusingRenderer, reusedParseEngine, stockEngine } from './stockEngine.ts';

/**
 * XML of parts with tags, in UTF-16 units, above which a template is not compiled: compiling and
 * trying take 2 s for so much, and the memory of a small function.
 */
const MOST_COMPILED = 1024 * 1024;

/** How a template is filled, and what is known of it. */
export interface Choice extends PrepareOptions {
  readonly compression?: Compression;
  /** What trying the engines on this template gave before: it is not tried again. */
  readonly known?: Engine | undefined;
}

/**
 * @throws what docxtemplater throws when it cannot even fill the template with an empty row; Problem
 *   TEMPLATE_INVALID when Word would not open what it is tried with
 */
export function chooseEngine(
  template: WordPackage,
  tags: TemplateTags,
  { limits, removal, compression, known }: Choice = {},
): CompiledTemplate {
  const prepared = prepareTemplate(template, tags, { limits, removal });
  if (known?.tier === 'stock') return stockEngine(prepared, known.reasons);
  if (known?.tier === 'reused-parse') return reusedParseEngine(prepared, known.reasons);
  const check = createDocumentCheck(
    (name) => prepared.files.files[name]?.asText() ?? '',
    prepared.varying,
  );
  const isLarge = unitsOf(prepared) > MOST_COMPILED;
  const compiled = isLarge ? { reasons: [TOO_LARGE] } : compileParts(prepared.parts);
  const reasons = 'reasons' in compiled ? [...compiled.reasons] : [];
  if ('programs' in compiled) {
    const writer = createContentWriter(prepared, compiled.programs, compression);
    const difference = known ? undefined : tryOut(prepared, check, (row) => inflated(writer, row));
    if (difference === undefined) {
      check.conclude();
      return compiledEngine(prepared, writer, stockEngine(prepared, []));
    }
    reasons.push(difference);
  }
  const render = createReusingRenderer(prepared);
  const difference = tryOut(prepared, check, (row) => varyingOnly(prepared, render(row, SILENT)));
  check.conclude();
  if (difference === undefined) return reusedParseEngine(prepared, reasons);
  return stockEngine(prepared, [...reasons, difference]);
}

const TOO_LARGE = `The parts with tags hold more than ${MOST_COMPILED} characters of XML.`;

/** Of the parts that a row can change. */
function unitsOf({ parts, varying }: PreparedTemplate): number {
  let units = 0;
  const count = (pieces: readonly ParsedPiece[]) => {
    for (const { value, subparsed } of pieces) {
      if (subparsed) count(subparsed);
      else units += value.length;
    }
  };
  for (const name of varying) count(parts.get(name)?.parsed ?? []);
  return units;
}

type WriteParts = (row: Row) => ReadonlyMap<string, Uint8Array>;

const tryOut = (prepared: PreparedTemplate, check: DocumentCheck, engine: WriteParts) =>
  findDifference(prepared.tags, stockOf(prepared), engine, {
    items: trialItems(prepared.work),
    most: trialRows(prepared.work),
    onStock: (kind, parts) => {
      check.look(kind, parts);
    },
  });

/** Stock docxtemplater; what it writes for an empty row is known. */
const stockOf =
  ({ files, emptyDocument }: PreparedTemplate): WriteParts =>
  (row) =>
    Object.keys(row).length === 0 ? emptyDocument : renderParts(files, row);

const varyingOnly = ({ varying }: PreparedTemplate, parts: ReadonlyMap<string, Uint8Array>) =>
  new Map([...parts].filter(([name]) => varying.has(name)));

/** The parts as a reader of the document gets them. */
function inflated(writer: ContentWriter, row: Row): Map<string, Uint8Array> {
  const { contents } = writer.write(row);
  return new Map(
    contents.map((content, i) => {
      const bytes = inflateRawSync(content.compressed);
      const isWhole = bytes.length === content.size && crc32(bytes) === content.crc32;
      return [writer.names[i] ?? '', isWhole ? bytes : new Uint8Array()];
    }),
  );
}
