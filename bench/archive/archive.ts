/**
 * How fast finished documents become the entries of a ZIP file, beside other libraries and beside
 * joining the bare bytes. Nothing is compressed, for documents are: what is measured is headers,
 * checksums, directory and copies. Ours twice: the entries alone, which is what the peers do, and a
 * whole segment, whose manifest takes a SHA-256 of each document.
 *
 * The documents begin alike, as those of one template do: what no row changes comes first in them. A
 * task knows that beginning and does not compute its checksums again.
 */
import { createHash, hash, randomBytes } from 'node:crypto';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32 } from 'node:zlib';
import { ZipArchive } from 'archiver';
import { makeZip } from 'client-zip';
import { ZipFile } from 'yazl';
import { createEntryWriter } from '../../shared/archive/entryWriter.ts';
import { createObjectWriter } from '../../shared/archive/objectWriter.ts';
import { createSegmentWriter } from '../../shared/archive/segmentWriter.ts';
import { PART_BYTES } from '../../shared/limits.ts';
import type { DocumentHead } from '../../shared/rendering/renderer.ts';
import type { Benchmark } from '../benchmark.ts';
import { compare, type Contender } from '../measure/compare.ts';
import { figure } from '../measure/table.ts';
import { present } from '../results.ts';
import { nowhere } from '../stores.ts';

const DOCUMENT_BYTES = 12_000;
const DOCUMENTS = 10_000;
/** What all of them begin with: as much of a letter of the rendering benchmark does not change. */
const HEAD_BYTES = 7_500;
/** Of different content, more than a processor's cache holds. */
const DIFFERENT_DOCUMENTS = 2_000;

/** Names of contenders that others speak of. */
export const ENTRIES = 'Sheaf, ZIP entries';
export const SEGMENT = 'Sheaf, segment with manifest';
const UNKNOWN_SEGMENT = 'Sheaf, the same of unknown documents';
const ARCHIVER = 'archiver';
export const CONCATENATION = 'concatenation';
/** What no ZIP file can do without. */
export const COPYING_CRC = 'copying and CRC-32';
/** What no ZIP file with such a manifest can do without. */
export const COPYING_CRC_SHA = 'copying, CRC-32 and SHA-256';

interface Document {
  readonly row: number;
  readonly name: string;
  readonly bytes: Buffer;
}

/** Documents of one template. */
interface Documents {
  readonly head: DocumentHead;
  /** So many of them, in order. */
  take(count: number): Iterable<Document>;
}

function createDocuments(): Documents {
  const head = randomBytes(HEAD_BYTES);
  const different = Array.from({ length: DIFFERENT_DOCUMENTS }, () =>
    Buffer.concat([head, randomBytes(DOCUMENT_BYTES - HEAD_BYTES)]),
  );
  return {
    head: { bytes: HEAD_BYTES, crc32: crc32(head), sha256: createHash('sha256').update(head) },
    *take(count) {
      for (let row = 1; row <= count; row++) {
        const bytes = different[row % different.length];
        if (bytes) yield { row, name: `letter-${row}.docx`, bytes };
      }
    },
  };
}

async function writeSegment(documents: Iterable<Document>, head?: DocumentHead): Promise<void> {
  const writer = createSegmentWriter({ objects: nowhere() }, 'segment');
  for (const document of documents) {
    writer.document({ ...document, template: 'letter', head });
    if (writer.full) await writer.flush();
  }
  await writer.finish();
}

async function writeEntries(documents: Iterable<Document>): Promise<void> {
  const object = createObjectWriter({ objects: nowhere() }, 'segment');
  const entries = createEntryWriter(object);
  for (const { name, bytes } of documents) {
    entries.append(name, bytes);
    if (object.full) await object.flush();
  }
  object.append(entries.directory());
  await object.finish();
}

const drain = () => new Writable({ write: (_bytes, _encoding, done) => done() });

async function writeWithArchiver(documents: Iterable<Document>): Promise<void> {
  const archive = new ZipArchive({ store: true });
  const written = pipeline(archive, drain());
  for (const { name, bytes } of documents) archive.append(bytes, { name });
  await archive.finalize();
  await written;
}

async function writeWithYazl(documents: Iterable<Document>): Promise<void> {
  const archive = new ZipFile();
  const written = pipeline(archive.outputStream, drain());
  for (const { name, bytes } of documents) archive.addBuffer(bytes, name, { compress: false });
  archive.end();
  await written;
}

async function writeWithClientZip(documents: Iterable<Document>): Promise<void> {
  function* inputs() {
    for (const { name, bytes } of documents) yield { name, input: bytes };
  }
  const reader = makeZip(inputs()).getReader();
  while (!(await reader.read()).done);
}

/** Joins documents into parts, as anyone must who uploads them; each part is memory of its own. */
function concatenate(documents: Iterable<Document>): void {
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  for (const { bytes } of documents) {
    pending.push(bytes);
    pendingBytes += bytes.length;
    if (pendingBytes < PART_BYTES) continue;
    Buffer.concat(pending, pendingBytes);
    pending = [];
    pendingBytes = 0;
  }
  Buffer.concat(pending, pendingBytes);
}

/** The same into one piece of memory again and again, which the system need not provide anew. */
function copy(documents: Iterable<Document>, inspect: (bytes: Buffer) => void): void {
  const part = Buffer.allocUnsafeSlow(PART_BYTES + DOCUMENT_BYTES);
  let filled = 0;
  for (const { bytes } of documents) {
    part.set(bytes, filled);
    inspect(bytes);
    filled += bytes.length;
    if (filled >= PART_BYTES) filled = 0;
  }
}

function contenders(documents: Documents): Contender[] {
  const contender = (
    role: Contender['role'],
    name: string,
    write: (documents: Iterable<Document>) => void | Promise<void>,
  ): Contender => ({
    role,
    name,
    async run(count) {
      await write(documents.take(count));
      return count * DOCUMENT_BYTES;
    },
  });
  return [
    contender('ours', ENTRIES, writeEntries),
    contender('ours', SEGMENT, (all) => writeSegment(all, documents.head)),
    contender('ours', UNKNOWN_SEGMENT, (all) => writeSegment(all)),
    contender('peer', ARCHIVER, writeWithArchiver),
    contender('peer', 'yazl', writeWithYazl),
    contender('peer', 'client-zip', writeWithClientZip),
    contender('floor', CONCATENATION, concatenate),
    contender('floor', 'copying', (all) => copy(all, () => undefined)),
    contender('floor', COPYING_CRC, (all) => copy(all, (bytes) => void crc32(bytes))),
    contender('floor', COPYING_CRC_SHA, (all) =>
      copy(all, (bytes) => {
        crc32(bytes);
        hash('sha256', bytes, 'hex');
      }),
    ),
  ];
}

export const archive: Benchmark = {
  name: 'archive',
  arguments: '',
  about: 'documents to ZIP entries, beside archiver, yazl, client-zip and plain concatenation',
  async run() {
    const comparison = await compare({
      title: `${figure(DOCUMENTS)} documents of ${figure(DOCUMENT_BYTES)} bytes`,
      unit: 'document',
      peer: ARCHIVER,
      floor: CONCATENATION,
      contenders: contenders(createDocuments()),
      units: DOCUMENTS,
    });
    await present('archive', [comparison]);
  },
};
