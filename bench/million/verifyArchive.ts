/** Reads the finished archive back, entry by entry, with a reader that had no part in writing it. */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { documentName, expectedTexts } from '../letters/letters.ts';
import { readManifest } from './manifest.ts';
import { wordText } from './wordText.ts';

export interface VerifiedArchive {
  readonly documents: number;
  /** Of the documents, as they are in the archive. */
  readonly documentBytes: number;
  /** Documents that were opened, and whose text was compared with their row. */
  readonly opened: number;
}

/** Documents that are opened, spread over the archive; the first and the last are among them. */
const SAMPLES = 200;

interface Sample {
  readonly sha256: string;
  readonly bytes: number;
}

/**
 * Checks that the archive holds exactly one good document for each row, in the order of the rows, and
 * a manifest that says so. Every byte is read and its checksum compared; samples are opened. Memory
 * does not grow with the archive.
 * @param onProgress told of the documents that were read so far
 * @throws Error that names the first entry at fault
 */
export async function verifyArchive(
  path: string,
  rows: number,
  onProgress: (documents: number) => void,
): Promise<VerifiedArchive> {
  const archive = await openPromise(path, { lazyEntries: true });
  const samples = new Map<number, Sample>();
  const step = Math.max(1, Math.floor((rows - 1) / (SAMPLES - 1)));
  const isSample = (index: number) => index % step === 0 || index === rows - 1;
  let documents = 0;
  let documentBytes = 0;
  let manifestIsRead = false;
  for await (const entry of archive.eachEntry()) {
    if (documents < rows) {
      check(entry.fileName === documentName(documents), entry, 'is not the document of its row');
      if (isSample(documents)) samples.set(documents, await openSample(archive, entry, documents));
      else await readThrough(archive, entry);
      documentBytes += entry.uncompressedSize;
      documents++;
      onProgress(documents);
    } else {
      check(entry.fileName === '_manifest.csv' && !manifestIsRead, entry, 'is one too many');
      await compareManifest(archive, entry, { rows, documentBytes, samples });
      manifestIsRead = true;
    }
  }
  if (documents !== rows) throw new Error(`There are ${documents} documents instead of ${rows}.`);
  if (!manifestIsRead) throw new Error('There is no _manifest.csv.');
  return { documents, documentBytes, opened: samples.size };
}

function check(holds: boolean, { fileName }: Entry, fault: string): void {
  if (!holds) throw new Error(`The entry ${fileName} ${fault}.`);
}

/** The reader itself compares sizes; the checksum is left to us. */
async function* piecesOf(archive: ZipFile, entry: Entry): AsyncGenerator<Buffer> {
  let crc = 0;
  for await (const piece of await archive.openReadStreamPromise(entry)) {
    crc = crc32(piece as Buffer, crc);
    yield piece as Buffer;
  }
  check(crc === entry.crc32, entry, 'is damaged: its checksum differs');
}

async function readThrough(archive: ZipFile, entry: Entry): Promise<void> {
  for await (const piece of piecesOf(archive, entry)) void piece;
}

/** Opens a document and looks for the values of its row. */
async function openSample(archive: ZipFile, entry: Entry, index: number): Promise<Sample> {
  const pieces: Buffer[] = [];
  for await (const piece of piecesOf(archive, entry)) pieces.push(piece);
  const document = Buffer.concat(pieces);
  const texts = await wordText(document);
  for (const { part, text } of expectedTexts(index)) {
    check(texts.get(part)?.includes(text) ?? false, entry, `lacks a value of its row in ${part}`);
  }
  return { sha256: createHash('sha256').update(document).digest('hex'), bytes: document.length };
}

/** Compares the manifest with what was read before it. */
async function compareManifest(
  archive: ZipFile,
  entry: Entry,
  read: { rows: number; documentBytes: number; samples: ReadonlyMap<number, Sample> },
): Promise<void> {
  let lines = 0;
  let bytes = 0;
  for await (const line of readManifest(piecesOf(archive, entry))) {
    const sample = read.samples.get(lines);
    const fits =
      line.row === lines + 1 &&
      line.document === documentName(lines) &&
      (!sample || (sample.sha256 === line.sha256 && sample.bytes === line.bytes));
    check(fits, entry, `does not tell the truth of row ${lines + 1}`);
    bytes += line.bytes;
    lines++;
  }
  check(lines === read.rows && bytes === read.documentBytes, entry, 'does not add up');
}
