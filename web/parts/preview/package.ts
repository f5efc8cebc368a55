/** The parts of a Word document, unpacked by the browser itself. */
import { readRelationships, relationshipsPart } from '../../../shared/office/relationships.ts';
import { localName, xmlAttributes, xmlTags } from '../../../shared/office/xmlScan.ts';
import { findDirectory, readRecords, type DirectoryRecord } from '../../../shared/zip/directory.ts';
import {
  COMMON_FIELD,
  COMMON_FIELDS_AT,
  LOCAL_HEADER,
  METHOD_DEFLATE,
  METHOD_STORED,
} from '../../../shared/zip/layout.ts';

/** Of one part, and of all that are read of a document: a page is looked at, not a book. */
const MOST_PART_BYTES = 32 * 1024 * 1024;
const MOST_BYTES = 64 * 1024 * 1024;

/** The document cannot be drawn. */
export class NotDrawable extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'NotDrawable';
  }
}

/** What a part points to. */
export interface Target {
  readonly name: string;
  readonly type: string;
  readonly isExternal: boolean;
}

export interface WordPackage {
  /** The bytes of a part; undefined where there is none. */
  bytes(name: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** The text of a part. */
  text(name: string): Promise<string | undefined>;
  /** What a part points to, by the ids that it uses. */
  targets(name: string): Promise<ReadonlyMap<string, Target>>;
  /** Name of the part that holds the body. */
  readonly main: string;
}

const OFFICE_DOCUMENT = /\/officeDocument$/;

/** @throws NotDrawable, ZipBroken, XmlMalformed */
export async function openPackage(file: Uint8Array<ArrayBuffer>): Promise<WordPackage> {
  const { count, offset, bytes: length } = findDirectory(file, 0);
  const records = new Map<string, DirectoryRecord>();
  for (const record of readRecords(file.subarray(offset, offset + length), count)) {
    // Names of parts are equal whatever their case (ECMA-376 part 2, 6.2.2.3).
    records.set(record.name.toLowerCase(), record);
  }
  let read = 0;
  const bytes = async (name: string) => {
    const record = records.get(name.toLowerCase());
    if (!record) return undefined;
    const content = await unpack(file, record);
    read += content.length;
    if (read > MOST_BYTES) throw new NotDrawable('The document is too large to be drawn.');
    return content;
  };
  const text = async (name: string) => {
    const content = await bytes(name);
    return content && decode(content);
  };
  const targets = async (name: string) => {
    const part = name === '' ? '_rels/.rels' : relationshipsPart(name);
    const xml = await text(part);
    const found = new Map<string, Target>();
    if (xml === undefined) return found;
    const ids = [...xmlTags(xml)]
      .filter((tag) => localName(tag.name) === 'Relationship')
      .map((tag) => xmlAttributes(tag).get('Id') ?? '');
    readRelationships(part, xml).forEach(({ target, type, external }, i) => {
      found.set(ids[i] ?? '', { name: target, type, isExternal: external });
    });
    return found;
  };
  const root = [...(await targets('')).values()].find(({ type }) => OFFICE_DOCUMENT.test(type));
  return { bytes, text, targets, main: root?.name ?? 'word/document.xml' };
}

async function unpack(
  file: Uint8Array<ArrayBuffer>,
  { offset, compressedSize, size, method }: DirectoryRecord,
): Promise<Uint8Array<ArrayBuffer>> {
  if (size > MOST_PART_BYTES) throw new NotDrawable('The document is too large to be drawn.');
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const fields = offset + COMMON_FIELDS_AT.header;
  if (fields + LOCAL_HEADER.bytes > file.length) throw new NotDrawable('The file is damaged.');
  const dataAt =
    offset +
    LOCAL_HEADER.bytes +
    view.getUint16(fields + COMMON_FIELD.nameBytes, true) +
    view.getUint16(fields + COMMON_FIELD.extraBytes, true);
  const data = file.subarray(dataAt, dataAt + compressedSize);
  if (method === METHOD_STORED) return data;
  if (method !== METHOD_DEFLATE) throw new NotDrawable('The file is compressed in a strange way.');
  return inflate(data, size);
}

/** Inflating stops at the declared size, whatever comes behind it. */
async function inflate(
  data: Uint8Array<ArrayBuffer>,
  size: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const content = new Uint8Array(size);
  let at = 0;
  const stream = new Blob([data]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return content.subarray(0, at);
    if (at + value.length > size) {
      await reader.cancel();
      throw new NotDrawable('The file is damaged.');
    }
    content.set(value, at);
    at += value.length;
  }
}

function decode(content: Uint8Array): string {
  const [first, second] = content;
  const encoding =
    first === 0xff && second === 0xfe
      ? 'utf-16le'
      : first === 0xfe && second === 0xff
        ? 'utf-16be'
        : 'utf-8';
  return new TextDecoder(encoding).decode(content);
}
