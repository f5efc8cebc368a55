/** Reads an archive back with a ZIP reader that had no part in writing it. */
import { crc32 } from 'node:zlib';
import { openPromise } from 'yauzl';

export interface CheckedArchive {
  /** Files in it that end as asked: Word documents, unless something else is. */
  readonly documents: number;
  /** Other entries: the reports. */
  readonly reports: string[];
}

/**
 * Reads every entry of the archive to its end and compares size and checksum.
 * @throws Error at the first entry that is damaged
 */
export async function checkArchive(path: string, ending = '.docx'): Promise<CheckedArchive> {
  const archive = await openPromise(path, { lazyEntries: true });
  let documents = 0;
  const reports: string[] = [];
  for await (const entry of archive.eachEntry()) {
    // The reader compares sizes; the checksum is left to us.
    let crc = 0;
    for await (const piece of await archive.openReadStreamPromise(entry)) {
      crc = crc32(piece as Buffer, crc);
    }
    if (crc !== entry.crc32) throw new Error(`${entry.fileName} is damaged: its checksum differs.`);
    if (!entry.fileName.endsWith(ending)) reports.push(entry.fileName);
    else documents++;
  }
  return { documents, reports };
}
