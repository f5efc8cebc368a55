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
import { prepareTemplate } from '../../shared/rendering/prepareTemplate.ts';
import type { CompiledTemplate } from '../../shared/rendering/renderer.ts';
import { reusedParseEngine, stockEngine } from '../../shared/rendering/stockEngine.ts';
import type { Row } from '../../shared/schemas/common.ts';
import { openWordPackage } from '../../shared/templates/officePackage.ts';
import { readTags } from '../../shared/templates/tags.ts';
import { readZip } from '../../shared/templates/zipReader.ts';
import { BRACES, CARBONE, CASES, DOCX_TEMPLATES, type CaseName } from './templates.ts';

type Render = (row: Row) => Uint8Array | Promise<Uint8Array>;
type OpenEngine = (name: CaseName) => Render;

const OPTIONS = { missingValue: 'empty', timeoutMs: 30_000 } as const;

function ours(compiled: CompiledTemplate): Render {
  return (row) => {
    const result = compiled.render(row, OPTIONS);
    if (!result.ok) throw new Error(result.failure.detail);
    return result.document;
  };
}

function opened(name: CaseName) {
  const template = openWordPackage(CASES[name].template(BRACES));
  return { template, tags: readTags(template) };
}

function compiled(compression?: Compression): OpenEngine {
  return (name) => {
    const { template, tags } = opened(name);
    const engine = chooseEngine(template, tags, compression ? { compression } : {});
    if (engine.engine.tier !== 'compiled') throw new Error(engine.engine.reasons.join(' '));
    return ours(engine);
  };
}

/** carbone reads its templates from files. */
let folder: string | undefined;
function templateFolder(): string {
  if (folder !== undefined) return folder;
  const made = mkdtempSync(join(tmpdir(), 'sheaf-bench-'));
  process.once('exit', () => rmSync(made, { recursive: true }));
  return (folder = made);
}

export const DEFAULT_ENGINE = 'Sheaf, compiled, prepared pieces (default)';
export const STOCK = 'docxtemplater as its users call it';

export const ENGINES: Readonly<Record<string, OpenEngine>> = {
  [STOCK]: (name) => {
    const template = CASES[name].template(BRACES);
    return (row) =>
      new Docxtemplater(new PizZip(template), {
        paragraphLoop: true,
        linebreaks: true,
        nullGetter: () => '',
      })
        .render(row)
        .getZip()
        .generate({ type: 'nodebuffer', compression: 'DEFLATE' });
  },
  'easy-template-x': (name) => {
    const template = CASES[name].template(BRACES);
    const handler = new TemplateHandler();
    // Its rows are of objects and lists too, in a type of its own.
    return (row) => handler.process(template, row as TemplateData);
  },
  'docx-templates': (name) => {
    const template = CASES[name].template(DOCX_TEMPLATES);
    return (row) => createReport({ template, data: row, cmdDelimiter: '+++', noSandbox: true });
  },
  'carbone 2': (name) => {
    carbone.set({ templatePath: templateFolder() });
    writeFileSync(join(templateFolder(), `${name}.docx`), CASES[name].template(CARBONE));
    return (row) =>
      new Promise((resolve, reject) => {
        carbone.render(`${name}.docx`, row, {}, (error, result) => {
          if (error) reject(new Error('carbone could not fill its template.', { cause: error }));
          else resolve(Buffer.from(result));
        });
      });
  },
  'Sheaf, stock tier': (name) => {
    const { template, tags } = opened(name);
    return ours(stockEngine(prepareTemplate(template, tags), []));
  },
  'Sheaf, parsed once': (name) => {
    const { template, tags } = opened(name);
    return ours(reusedParseEngine(prepareTemplate(template, tags), []));
  },
  'Sheaf, compiled, level 6': compiled({ level: 6 }),
  'Sheaf, compiled, level 1': compiled({ level: 1 }),
  [DEFAULT_ENGINE]: compiled(),
  'floor: deflate 6, CRC-32 and copy of the finished parts': (name) => {
    const { template, tags } = opened(name);
    const engine = chooseEngine(template, tags);
    const changing = new Set(tags.tags.map(({ part }) => part));
    const result = engine.render(CASES[name].row(0), OPTIONS);
    if (!result.ok) throw new Error(result.failure.detail);
    const document = result.document;
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
