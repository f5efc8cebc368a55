/** The ways of making documents that are measured, each from a template to a function of a row. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib';
import carbone from 'carbone';
import { createReport } from 'docx-templates';
import Docxtemplater from 'docxtemplater';
import { TemplateHandler, type TemplateData } from 'easy-template-x';
import PizZip from 'pizzip';
import type { Compression } from '../../shared/rendering/compiled/compiledEngine.ts';
import { chooseEngine } from '../../shared/rendering/chooseEngine.ts';
import { compileTemplate } from '../../shared/rendering/compileTemplate.ts';
import { prepareTemplate } from '../../shared/rendering/prepareTemplate.ts';
import type { CompiledTemplate } from '../../shared/rendering/renderer.ts';
import { readPath } from '../../shared/tags/readPath.ts';
import { tagName } from '../../shared/tags/tagExpression.ts';
import { reusedParseEngine, stockEngine } from '../../shared/rendering/stockEngine.ts';
import type { Row } from '../../shared/schemas/common.ts';
import { openTemplate } from '../../shared/rendering/openTemplate.ts';
import { readTags } from '../../shared/rendering/tags/readTags.ts';
import { readZip } from '../../shared/zip/reader.ts';
import type { Role } from '../measure/comparison.ts';
import type { RenderingCase } from './renderingCase.ts';
import { BRACES, CARBONE, DOCX_TEMPLATES, type Dialect } from './templates.ts';

export type Render = (row: Row) => Uint8Array | Promise<Uint8Array>;

/** A way of making documents. */
export interface Engine {
  readonly name: string;
  readonly role: Role;
  /** The tags that it reads. */
  readonly dialect: Dialect;
  /** @throws Unsuited when the template is not for it */
  open(template: Uint8Array, rows: RenderingCase['rows']): Render;
}

/** An engine is not for this template; the message says why. */
export class Unsuited extends Error {
  override readonly name = 'Unsuited';
}

/** How rows are rendered: what is missing is empty. */
export const OPTIONS = { missingValue: 'empty', timeoutMs: 30_000 } as const;

/** Names of engines that others speak of. */
export const SHEAF = 'Sheaf';
export const STOCK = 'docxtemplater as its users call it';
/** At level 6, with their CRC-32 and a copy of the document. */
export const DEFLATING = 'compressing the finished parts';

function ours(compiled: CompiledTemplate): Render {
  return (row) => {
    const result = compiled.render(row, OPTIONS);
    if (!result.ok) throw new Error(result.failure.detail);
    return result.document;
  };
}

function opened(bytes: Uint8Array) {
  const template = openTemplate(bytes);
  return { template, tags: readTags(template) };
}

function compiledWith(compression: Compression): Engine['open'] {
  return (bytes) => {
    const { template, tags } = opened(bytes);
    const compiled = chooseEngine(template, tags, { compression });
    if (compiled.engine.tier !== 'compiled') throw new Unsuited(compiled.engine.reasons.join(' '));
    return ours(compiled);
  };
}

/** What a task does with the template. */
export const openSheaf = (template: Uint8Array): Render => ours(compileTemplate(template));

/** carbone reads its templates from files. */
let folder: string | undefined;
function templateFolder(): string {
  if (folder !== undefined) return folder;
  const made = mkdtempSync(join(tmpdir(), 'sheaf-bench-'));
  process.once('exit', () => rmSync(made, { recursive: true }));
  return (folder = made);
}

const OURS: readonly Engine[] = [
  { name: SHEAF, role: 'ours', dialect: BRACES, open: openSheaf },
  {
    name: 'Sheaf, deflate level 6',
    role: 'ours',
    dialect: BRACES,
    open: compiledWith({ level: 6 }),
  },
  {
    name: 'Sheaf, deflate level 1',
    role: 'ours',
    dialect: BRACES,
    open: compiledWith({ level: 1 }),
  },
  {
    name: 'Sheaf, parsed once',
    role: 'ours',
    dialect: BRACES,
    open(bytes) {
      const { template, tags } = opened(bytes);
      const { tier, reasons } = chooseEngine(template, tags).engine;
      if (tier === 'stock') throw new Unsuited(reasons.join(' '));
      return ours(reusedParseEngine(prepareTemplate(template, tags), []));
    },
  },
  {
    name: 'Sheaf, stock tier',
    role: 'ours',
    dialect: BRACES,
    open(bytes) {
      const { template, tags } = opened(bytes);
      return ours(stockEngine(prepareTemplate(template, tags), []));
    },
  },
];

/** By itself docxtemplater takes neither dots for paths nor the spaces that Word leaves in tags. */
const parser = (written: string) => {
  const name = tagName(written);
  return { get: (scope: unknown) => (name === '.' ? scope : readPath(scope, name)) };
};

const PEERS: readonly Engine[] = [
  {
    name: STOCK,
    role: 'peer',
    dialect: BRACES,
    open: (template) => (row) =>
      new Docxtemplater(new PizZip(template), {
        paragraphLoop: true,
        linebreaks: true,
        nullGetter: () => '',
        parser,
      })
        .render(row)
        .getZip()
        .generate({ type: 'nodebuffer', compression: 'DEFLATE' }),
  },
  {
    name: 'easy-template-x',
    role: 'peer',
    dialect: BRACES,
    open(template) {
      const handler = new TemplateHandler();
      const bytes = Buffer.from(template);
      // Its rows are of objects and lists too, in a type of its own.
      return (row) => handler.process(bytes, row as TemplateData);
    },
  },
  {
    name: 'docx-templates',
    role: 'peer',
    dialect: DOCX_TEMPLATES,
    open: (template) => (row) =>
      createReport({ template, data: row, cmdDelimiter: '+++', noSandbox: true }),
  },
  {
    name: 'carbone 2',
    role: 'peer',
    dialect: CARBONE,
    open(template) {
      carbone.set({ templatePath: templateFolder() });
      writeFileSync(join(templateFolder(), 'template.docx'), template);
      return (row) =>
        new Promise((resolve, reject) => {
          carbone.render('template.docx', row, {}, (error, result) => {
            if (error) reject(new Error('carbone could not fill its template.', { cause: error }));
            else resolve(Buffer.from(result));
          });
        });
    },
  },
];

const FLOOR: Engine = {
  name: DEFLATING,
  role: 'floor',
  dialect: BRACES,
  open(template, [first = {}]) {
    const { compiled, changing } = changingParts(template);
    const result = compiled.render(first, OPTIONS);
    if (!result.ok) throw new Error(result.failure.detail);
    const { document } = result;
    const parts = readZip(document)
      .filter((part) => changing.has(part.name))
      .map(({ compressed }) => inflateRawSync(compressed));
    return () => {
      for (const part of parts) {
        crc32(part);
        deflateRawSync(part, { level: 6 });
      }
      return Buffer.from(document);
    };
  },
};

function changingParts(bytes: Uint8Array) {
  const { tags } = opened(bytes).tags;
  return { compiled: compileTemplate(bytes), changing: new Set(tags.map(({ part }) => part)) };
}

export const ENGINES: readonly Engine[] = [...OURS, ...PEERS, FLOOR];
