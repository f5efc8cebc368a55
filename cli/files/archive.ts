/** An archive as it was downloaded, or is being: its entries, held to its directory and its manifest. */
import { createHash } from 'node:crypto';
import { MANIFEST_HEADER, parseManifestLines } from '../../shared/archive/reports.ts';
import { MANIFEST_NAME } from '../../shared/names.ts';
import type { DirectoryRecord } from '../../shared/zip/directory.ts';
import { ZipBroken } from '../../shared/zip/directory.ts';
import { EntryBroken, openRangedZip, type RangedFile } from '../../shared/zip/rangedZip.ts';
import { CliError } from '../errors.ts';

/** What an archive of ours may have: rows and templates of the largest task, and the two reports. */
const LIMITS = { entries: 2 ** 31, directoryBytes: 2 ** 32 };
const SHA256_BYTES = 32;
const SHA256_HEX = /^[0-9a-f]{64}$/;
/** A line of a manifest is a name and some numbers. */
const MOST_LINE_BYTES = 64 * 1024;

export interface Archive {
  readonly records: readonly DirectoryRecord[];
  /** Those of documents. */
  readonly documents: number;
  /**
   * The content of an entry, proved at its end.
   * @throws CliError when it is not what directory and manifest say
   */
  content(index: number): AsyncGenerator<Uint8Array, void, undefined>;
}

const damaged = (name: string) =>
  new CliError(
    `The archive is damaged at ${name}. Run the command again; if it happens again, retry the task.`,
  );

/**
 * Reads the directory of an archive, and its manifest.
 * @throws CliError when it is damaged, or not an archive of ours; what the file throws
 */
export async function readArchive(file: RangedFile): Promise<Archive> {
  try {
    const zip = await openRangedZip(file, LIMITS);
    const { records } = zip;
    const hashes = await readHashes(
      records,
      records.find(({ name }) => name === MANIFEST_NAME),
      (record) => zip.content(record),
    );
    return {
      records,
      documents: hashes.documents,
      async *content(index) {
        const record = records[index];
        if (!record) return;
        const expected = hashes.of(index);
        const hash = createHash('sha256');
        try {
          for await (const piece of zip.content(record)) {
            if (expected) hash.update(piece);
            yield piece;
          }
        } catch (error) {
          throw error instanceof EntryBroken ? damaged(record.name) : error;
        }
        if (expected && !hash.digest().equals(expected)) throw damaged(record.name);
      },
    };
  } catch (error) {
    if (error instanceof ZipBroken) {
      throw new CliError('What was downloaded is not an archive. Run the command again.');
    }
    throw error instanceof EntryBroken ? damaged(MANIFEST_NAME) : error;
  }
}

/**
 * SHA-256 of the documents by the manifest, which lists them in the order of the directory.
 * @throws CliError when it lists what is not there
 */
async function readHashes(
  records: readonly DirectoryRecord[],
  manifest: DirectoryRecord | undefined,
  content: (record: DirectoryRecord) => AsyncIterable<Uint8Array>,
) {
  const hashes = Buffer.alloc(records.length * SHA256_BYTES);
  const isKnown = new Uint8Array(records.length);
  let documents = 0;
  let index = 0;
  for await (const line of manifest ? manifestLines(content(manifest)) : []) {
    if (line.status !== 'succeeded') continue;
    while (index < records.length && records[index]?.name !== line.document) index++;
    const isListed = index < records.length && SHA256_HEX.test(line.sha256);
    if (!isListed || records[index]?.size !== line.bytes) throw damaged(line.document);
    hashes.write(line.sha256, index * SHA256_BYTES, 'hex');
    isKnown[index++] = 1;
    documents++;
  }
  return {
    documents,
    of: (at: number) =>
      isKnown[at] === 1 ? hashes.subarray(at * SHA256_BYTES, (at + 1) * SHA256_BYTES) : undefined,
  };
}

/** @throws CliError when they are not what a manifest holds */
async function* manifestLines(content: AsyncIterable<Uint8Array>) {
  const header = Buffer.from(MANIFEST_HEADER);
  let rest: Buffer = Buffer.alloc(0);
  let isBegun = false;
  for await (const piece of content) {
    rest = Buffer.concat([rest, piece]);
    if (!isBegun) {
      if (rest.length < header.length) continue;
      if (!rest.subarray(0, header.length).equals(header)) throw damaged(MANIFEST_NAME);
      rest = rest.subarray(header.length);
      isBegun = true;
    }
    const lines = linesOf(rest);
    for (const { line } of lines) yield line;
    rest = rest.subarray(lines.at(-1)?.endsAt ?? 0);
    if (rest.length > MOST_LINE_BYTES + piece.length) throw damaged(MANIFEST_NAME);
  }
  if (!isBegun || rest.length > 0) throw damaged(MANIFEST_NAME);
}

function linesOf(bytes: Uint8Array) {
  try {
    return parseManifestLines(bytes);
  } catch {
    throw damaged(MANIFEST_NAME);
  }
}
