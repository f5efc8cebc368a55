/**
 * Opens an uploaded template as an Office Open XML package (ECMA-376 part 2), with every guard
 * before and while it is inflated, and finds its main part.
 */
import { CONTENT_TYPES_PART, ROOT_RELATIONSHIPS } from './partNames.ts';
import { COMPOUND_FILE_SIGNATURE } from './compoundFile.ts';
import { fileKindOf, KIND_BYTES, type FileKind } from './fileKinds.ts';
import { inflate, readZip, type ZipEntry } from '../zip/reader.ts';
import { invalidFile, invalidTemplate, type TemplateFault } from '../templateFaults.ts';
import { readRelationships, type Relationship } from './relationships.ts';
import { readContentTypes, type ContentTypes } from './contentTypes.ts';
import { inUtf8 } from './encoding.ts';
import { withParts } from './changePackage.ts';
import { usualPackage } from './usualPackage.ts';
import { XmlMalformed } from './xmlScan.ts';

export interface WordPackage {
  /** Every part, in the order of the file. */
  readonly parts: readonly ZipEntry[];
  /** The content of the parts that are XML, by name. */
  readonly xml: ReadonlyMap<string, Uint8Array>;
  /** Name of the part that holds the text, usually word/document.xml. */
  readonly mainPart: string;
  /** What is allowed but should be looked at. */
  readonly warnings: readonly string[];
}

/** Transitional and strict (ECMA-376 part 1, annex A). */
const OFFICE_DOCUMENT =
  /^http:\/\/(schemas\.openxmlformats\.org\/officeDocument\/2006|purl\.oclc\.org\/ooxml\/officeDocument)\/relationships\/officeDocument$/;
const MACRO_PROJECT = /\/relationships\/vbaProject$/;

const WORD_MAIN =
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml';
const SAVE_AS_DOCX = 'Open it in Word, save it as "Word Document (.docx)" and upload that.';
/** Files that are no package of Office at all, and what to do. */
const OTHER_FILES: Partial<Record<FileKind, string>> = {
  'OpenDocument file': `The file is an OpenDocument text (.odt) or spreadsheet. ${SAVE_AS_DOCX}`,
  'iWork file':
    'The file is one of Pages or Numbers. Export it from Pages as a Word document (.docx) and upload that.',
  PDF: 'The file is a PDF, not a Word document. Upload the Word document that it was made from, as .docx.',
  'RTF document': `The file is an RTF document. ${SAVE_AS_DOCX}`,
  'web page': `The file is a web page (HTML), whatever its name says. ${SAVE_AS_DOCX}`,
  'XML file': `The file is plain XML, whatever its name says. ${SAVE_AS_DOCX}`,
  picture: 'The file is a picture, not a Word document (.docx).',
};

/** Main parts that are no Word document, by how their content type begins, and what to do. */
const OTHER_KINDS: readonly (readonly [string, string])[] = [
  [
    'application/vnd.ms-word.document.macroEnabled',
    `The template is a document with macros (.docm); the documents would not open. ${SAVE_AS_DOCX}`,
  ],
  [
    'application/vnd.ms-word.template.macroEnabled',
    `The template is a Word template with macros (.dotm); the documents would not open. ${SAVE_AS_DOCX}`,
  ],
  [
    'application/vnd.openxmlformats-officedocument.wordprocessingml.template',
    `The template is a Word template (.dotx); the documents would not open. ${SAVE_AS_DOCX}`,
  ],
  [
    'application/vnd.openxmlformats-officedocument.presentationml',
    'The file is a PowerPoint presentation. Only Word documents (.docx) can be templates so far.',
  ],
  [
    'application/vnd.ms-powerpoint',
    'The file is a PowerPoint presentation. Only Word documents (.docx) can be templates so far.',
  ],
  [
    'application/vnd.openxmlformats-officedocument.spreadsheetml',
    'The file is an Excel workbook. Upload it as a data source; a template is a Word document (.docx).',
  ],
  [
    'application/vnd.ms-excel',
    'The file is an Excel workbook. Upload it as a data source; a template is a Word document (.docx).',
  ],
];
const NO_WORD_FILE =
  'The file is a ZIP, but no Word document: no main part of type "wordprocessingml" is named in ' +
  'it. Save it again with Word as .docx.';

/**
 * Checks and opens a template.
 * @throws Problem TEMPLATE_INVALID: not a ZIP, no Word document, encrypted, legacy, a bomb, unsafe
 *   or damaged entries, a DOCTYPE, parts that are not well-formed
 */
export function openWordPackage(bytes: Uint8Array): WordPackage {
  if (bytes.length === 0)
    throw invalidFile('FILE_EMPTY', 'The uploaded file is empty. Upload it again.');
  if (COMPOUND_FILE_SIGNATURE.every((byte, i) => bytes[i] === byte)) {
    throw invalidFile(
      'FILE_ENCRYPTED',
      'The file is encrypted or a legacy .doc. Open it in Word, remove its password if it has one, save it as "Word Document (.docx)" and upload that.',
    );
  }
  const kind = fileKindOf(bytes.subarray(0, KIND_BYTES));
  const advice = kind && OTHER_FILES[kind];
  if (advice !== undefined) throw invalidFile('FILE_KIND', advice);
  const parts = readZip(bytes);
  const names = new Set(parts.map(({ name }) => name));
  if (!names.has(CONTENT_TYPES_PART) || !names.has(ROOT_RELATIONSHIPS))
    throw invalidFile('FILE_NOT_WORD', NO_WORD_FILE);

  const content = new Map(parts.map((part) => [part.name, inflate(part)]));
  const types = atPart(CONTENT_TYPES_PART, () =>
    readContentTypes(
      new TextDecoder().decode(inUtf8(content.get(CONTENT_TYPES_PART) ?? new Uint8Array())),
    ),
  );
  const xml = new Map(
    parts
      .filter(({ name }) => isXml(name, types))
      .map(({ name }) => [name, content.get(name) ?? new Uint8Array()]),
  );
  const faults = [...xml].flatMap(([name, part]) => doctypeFaults(name, part));
  if (faults.length > 0) throw invalidTemplate(faults);

  const encoded = new Map([...xml].map(([name, part]) => [name, inUtf8(part)]));
  const usual = usualPackage(withParts({ parts, xml }, changesOf(xml, encoded)), types);
  const mainPart = findMainPart(usual.xml, names, types);
  return { ...usual, mainPart, warnings: findWarnings(usual.xml, types) };
}

const changesOf = (
  before: ReadonlyMap<string, Uint8Array>,
  after: ReadonlyMap<string, Uint8Array>,
) => new Map([...after].filter(([name, content]) => content !== before.get(name)));

function findMainPart(
  xml: ReadonlyMap<string, Uint8Array>,
  names: ReadonlySet<string>,
  types: ContentTypes,
): string {
  const root = relationshipsAt(xml, ROOT_RELATIONSHIPS);
  const target = root.find(({ type, external }) => OFFICE_DOCUMENT.test(type) && !external)?.target;
  if (target === undefined) throw invalidFile('FILE_NOT_WORD', NO_WORD_FILE);
  const type = types.of(target);
  if (type === WORD_MAIN) {
    if (!names.has(target)) {
      throw invalidFile(
        'FILE_DAMAGED',
        `The part ${target}, which should hold the text, is missing. Save the file again with Word.`,
      );
    }
    return target;
  }
  const other = OTHER_KINDS.find(([beginning]) => type.startsWith(beginning));
  throw other ? invalidFile('FILE_KIND', other[1]) : invalidFile('FILE_NOT_WORD', NO_WORD_FILE);
}

function findWarnings(xml: ReadonlyMap<string, Uint8Array>, types: ContentTypes): string[] {
  const warnings: string[] = [];
  let hasMacros = types.all.some((type) => type === 'application/vnd.ms-office.vbaProject');
  for (const name of xml.keys()) {
    if (!name.endsWith('.rels')) continue;
    for (const { type } of relationshipsAt(xml, name)) hasMacros ||= MACRO_PROJECT.test(type);
  }
  if (hasMacros) {
    warnings.push(
      'The template holds macros, and so will every document. Save it in Word as .docx to remove them.',
    );
  }
  return warnings;
}

function relationshipsAt(xml: ReadonlyMap<string, Uint8Array>, name: string): Relationship[] {
  return atPart(name, () => readRelationships(name, textOf(xml, name)));
}

const textOf = (parts: ReadonlyMap<string, Uint8Array>, name: string) =>
  new TextDecoder().decode(parts.get(name));

/** Runs `read` over a part; text that is not well-formed becomes a fault of that part. */
function atPart<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof XmlMalformed)) throw error;
    throw invalidFile(
      'PART_UNREADABLE',
      `The part ${name} is not well-formed XML. Save the file again with Word.`,
      name,
      error,
    );
  }
}

/** Pictures in SVG are XML too, but nothing here ever parses them. */
function isXml(name: string, types: ContentTypes): boolean {
  if (/\.(xml|rels|vml)$/i.test(name)) return true;
  return /^(?!image\/).*[+/]xml$/i.test(types.of(name));
}

/**
 * Office Open XML forbids document type declarations (ECMA-376 part 2, 6.1.3.2): what they declare
 * could grow without end or read files of the machine. Found in any encoding that XML allows to
 * stand without a declaration, and in all that share ASCII.
 */
function doctypeFaults(name: string, part: Uint8Array): TemplateFault[] {
  const [first, second] = part;
  const encoding =
    first === 0xff && second === 0xfe
      ? 'utf-16le'
      : first === 0xfe && second === 0xff
        ? 'utf-16be'
        : first === 0x3c && second === 0x00
          ? 'utf-16le'
          : first === 0x00 && second === 0x3c
            ? 'utf-16be'
            : 'latin1';
  const text = new TextDecoder(encoding).decode(part);
  if (!/<!(doctype|entity)/i.test(text)) return [];
  return [
    {
      code: 'FILE_UNSAFE',
      pointer: name,
      detail: `The part ${name} holds a DOCTYPE or ENTITY declaration, which Word never writes. Save the file again with Word.`,
    },
  ];
}
