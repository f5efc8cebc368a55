/**
 * Stock docxtemplater, called as its users call it, but for what repairs.ts lists; the only module that
 * knows it and pizzip. What it writes is the reference for every other way of rendering (docs/adr).
 */
import Docxtemplater from 'docxtemplater';
import PizZip from 'pizzip';
import type { Spellings } from '../columns/spellings.ts';
import type { Row } from '../schemas/common.ts';
import type { XmlPiece } from './tags/partText.ts';
import type { WordPackage } from '../office/wordPackage.ts';
import { createEmptyParagraphModule, type Removal } from './emptyParagraphs/withoutEmpty.ts';
import { rootPrefixes } from './rawXml.ts';
import { partsWithPlaces } from './places/partsWithPlaces.ts';
import type { ParsedPart, ParsedPiece } from './parsedPieces.ts';
import { placeModule } from './places/placeModule.ts';
import { createPartRepair, type RepairPart } from './repairs/repairPart.ts';
import { createLinesModule } from './repairs/linesModule.ts';
import { createSectionModule } from './tags/sectionTags.ts';
import { isValueTag, readerOf, type ScopeContext, type TagPiece } from './tagParser.ts';

/** What a document tells while it is filled. */
export interface RenderObserver {
  /** A value tag was reached that has no value. */
  readonly onMissing: (piece: TagPiece, context: ScopeContext) => void;
  /**
   * A text of this many UTF-16 units, and line breaks in it, is about to be written. May throw to stop
   * rendering.
   */
  readonly onText: (length: number, breaks?: number) => void;
  /** Further keys that names of tags are looked up by. */
  readonly spellings?: Spellings | undefined;
}

/** A template's parts, ready for any number of documents. */
export interface TemplateFiles {
  /** As pizzip holds them, by name; never changed. */
  readonly files: PizZip['files'];
  /** Prefixes of namespaces that the main part declares. */
  readonly prefixes: ReadonlySet<string>;
  /** Parts with tags that docxtemplater by itself would leave as they are. */
  readonly targets: ReadonlySet<string>;
  /** Those of them that hold data for content controls. */
  readonly stores: ReadonlySet<string>;
  /** What the parts that docxtemplater writes are put through, by name. */
  readonly repairs: ReadonlyMap<string, RepairPart>;
  /** How paragraphs are left out that held only tags of which nothing came out; absent where they stay. */
  readonly removal: Removal | undefined;
}

/** Lets everything pass. */
export const SILENT: RenderObserver = { onMissing: () => undefined, onText: () => undefined };

/** docxtemplater only ever reads XML: the content of the other parts is left out. */
export function loadFiles({ parts, xml, mainPart }: WordPackage): TemplateFiles {
  const { targets, stores } = partsWithPlaces(xml);
  const zip = new PizZip();
  for (const { name } of parts) zip.file(name, xml.get(name) ?? new Uint8Array());
  const prefixes = rootPrefixes(new TextDecoder().decode(xml.get(mainPart)));
  return { files: zip.files, prefixes, targets, stores, repairs: new Map(), removal: undefined };
}

/** The template, with repairs for the parts of these names. */
export function withRepairs(template: TemplateFiles, names: Iterable<string>): TemplateFiles {
  const repairs = Array.from(names, (name): [string, RepairPart] => [
    name,
    createPartRepair(template.files[name]?.asText() ?? ''),
  ]);
  return { ...template, repairs: new Map(repairs) };
}

/**
 * Parses all parts that may hold tags.
 * @returns the parts by name, as far as docxtemplater came, and the error that stopped it
 */
export function parseParts(template: TemplateFiles): {
  parts: Map<string, ParsedPart>;
  error?: Error;
} {
  const parts = new Map<string, ParsedPart>();
  const observer = {
    name: 'SheafParseObserver',
    set({
      inspect,
    }: {
      inspect?: { filePath: string; xmllexed?: XmlPiece[]; postparsed?: ParsedPiece[] };
    }) {
      if (!inspect) return;
      const known = parts.get(inspect.filePath);
      parts.set(inspect.filePath, {
        ...known,
        // Copied: docxtemplater goes on to change the pieces in place.
        ...(inspect.xmllexed && { pieces: inspect.xmllexed.map((piece) => ({ ...piece })) }),
        ...(inspect.postparsed && { parsed: inspect.postparsed }),
      });
    },
  };
  try {
    const { filesContentTypes } = internals(
      openDocument(template, () => SILENT, [observer, createLinesModule()]),
    );
    for (const [name, part] of parts) {
      const contentType = filesContentTypes[name];
      parts.set(name, { ...part, ...(contentType !== undefined && { contentType }) });
    }
    return { parts };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { parts, error };
  }
}

/**
 * Fills a document with a row.
 * @returns the parts that docxtemplater wrote, by name
 * @throws what docxtemplater and the observer throw
 */
export function renderParts(
  template: TemplateFiles,
  row: Row,
  observer: RenderObserver = SILENT,
): Map<string, Uint8Array> {
  const modules = [meterOf(() => observer), createLinesModule()];
  const rendered = openDocument(template, () => observer, modules).render(row);
  return writtenParts(rendered, template);
}

/**
 * Fills documents without parsing the template anew. Three pieces of state outlive a document and are
 * reset: the mapper, the scope managers and the recorded run.
 * @returns as renderParts; what it throws leaves it unusable
 */
export function openRenderer(
  template: TemplateFiles,
): (row: Row, observer: RenderObserver) => Map<string, Uint8Array> {
  let observer = SILENT;
  const current = () => observer;
  const lines = createLinesModule();
  const document = openDocument(template, current, [meterOf(current), lines]);
  const state = internals(document);
  // The parts that docxtemplater holds as DOM trees are the same in every document.
  state.xmlDocuments = {};
  return (row, rowObserver) => {
    observer = rowObserver;
    state.zip.files = { ...template.files };
    state.rendered = false;
    state.mapper = undefined;
    state.scopeManagers = {};
    lines.restart();
    return writtenParts(document.render(row), template);
  };
}

/** What docxtemplater 3.71.0 keeps to itself (its docxtemplater.js), as far as it is used here. */
interface Internals {
  readonly filesContentTypes: Readonly<Record<string, string>>;
  readonly zip: PizZip;
  xmlDocuments: Readonly<Record<string, unknown>>;
  rendered: boolean;
  mapper: unknown;
  scopeManagers: Readonly<Record<string, unknown>>;
}

const internals = (document: Docxtemplater) => document as unknown as Internals;

/** A module that tells the observer of every text that is about to be written. */
const meterOf = (observer: () => RenderObserver) => ({
  name: 'SheafRenderMeter',
  /** Before all other modules, which keep what they handle to themselves. */
  priority: Number.MAX_SAFE_INTEGER,
  render(piece: XmlPiece & TagPiece) {
    if (piece.type !== 'placeholder') observer().onText(piece.value.length);
    return null;
  },
});

function writtenParts(document: Docxtemplater, { files, repairs }: TemplateFiles) {
  const written = new Map<string, Uint8Array>();
  for (const [name, file] of Object.entries(internals(document).zip.files)) {
    if (file.dir || file === files[name]) continue;
    const repair = repairs.get(name);
    const content = file.asUint8Array();
    written.set(name, repair ? Buffer.from(repair(Buffer.from(content).toString())) : content);
  }
  return written;
}

function openDocument(
  { files, prefixes, targets, stores, removal }: TemplateFiles,
  observer: () => RenderObserver,
  modules: object[],
) {
  const zip = new PizZip();
  zip.files = { ...files };
  return new Docxtemplater(zip, {
    paragraphLoop: true,
    linebreaks: true,
    errorLogging: false,
    parser: (tag: string, meta?: { tag?: TagPiece }) =>
      readerOf(tag, meta?.tag, {
        prefixes,
        onText: (length, breaks) => observer().onText(length, breaks),
        spellings: () => observer().spellings,
      }),
    nullGetter: (piece: TagPiece, scopes: Omit<ScopeContext, 'num'>) => {
      if (isValueTag(piece)) {
        observer().onMissing(piece, { ...scopes, num: scopes.scopeList.length - 1 });
      }
      return '';
    },
    modules: [
      ...modules,
      placeModule(targets, stores),
      createSectionModule(),
      ...(removal ? [createEmptyParagraphModule(removal)] : []),
    ],
  });
}
