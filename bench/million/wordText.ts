/** The text of a Word document, read without the libraries that Sheaf makes documents with. */
import { crc32 } from 'node:zlib';
import { fromBufferPromise } from 'yauzl';

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
};

/** The text of each XML part by its name; paragraphs and line breaks end a line. */
export async function wordText(document: Buffer): Promise<Map<string, string>> {
  const archive = await fromBufferPromise(document, { lazyEntries: true });
  const texts = new Map<string, string>();
  for await (const entry of archive.eachEntry()) {
    const pieces: Buffer[] = [];
    for await (const piece of await archive.openReadStreamPromise(entry)) {
      pieces.push(piece as Buffer);
    }
    const bytes = Buffer.concat(pieces);
    if (crc32(bytes) !== entry.crc32) throw new Error(`Its part ${entry.fileName} is damaged.`);
    if (entry.fileName.endsWith('.xml')) texts.set(entry.fileName, textOf(bytes.toString('utf8')));
  }
  return texts;
}

const textOf = (xml: string) =>
  xml
    .replace(/<w:br\/>|<\/w:p>/g, '\n')
    .replace(/<[^>]*>/g, '')
    .replace(/&(\w+);/g, (written, name: string) => ENTITIES[name] ?? written);
