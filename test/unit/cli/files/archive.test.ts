import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readArchive } from '../../../../cli/files/archive.ts';
import { documentLine, MANIFEST_HEADER } from '../../../../shared/archive/reports.ts';
import type { RangedFile } from '../../../../shared/zip/rangedZip.ts';
import { readAll } from '../../../support/archives.ts';
import { craftZip, type CraftedEntry } from '../../../support/craftZip.ts';
import type { Content } from '../../../support/fileServer.ts';
import { archiveOf, archiveOfZeros } from '../../../support/taskArchives.ts';

function rangedFile(content: Content): RangedFile {
  const bytes = content instanceof Uint8Array ? content.length : content.bytes;
  const cut = (offset: number, length: number) => {
    const most = Math.max(0, Math.min(length, bytes - offset));
    return content instanceof Uint8Array
      ? content.subarray(offset, offset + most)
      : content.cut(offset, most);
  };
  return {
    bytes,
    read: ({ offset, length }) => Promise.resolve(cut(offset, length)),
    async *stream({ offset, length }) {
      const step = 64 * 1024;
      for (let at = 0; at < length; at += step) {
        await Promise.resolve();
        yield cut(offset + at, Math.min(step, length - at));
      }
    },
  };
}
const readFile = (content: Content) => readArchive(rangedFile(content));
/** Reads all of it. */
async function readWhole(content: Content) {
  const archive = await readFile(content);
  const contents: Record<string, string> = {};
  for (const [index, { name }] of archive.records.entries()) {
    contents[name] = (await readAll(archive.content(index))).toString('utf8');
  }
  return { documents: archive.documents, contents };
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const lineOf = (name: string, content: string) =>
  documentLine(1, 'letter', name, content.length, sha256(content));
const manifest = (...lines: string[]): CraftedEntry => ({
  name: '_manifest.csv',
  content: MANIFEST_HEADER + lines.join(''),
});

describe('an archive', () => {
  it('gives what was put into it, and counts its documents alone', async () => {
    const failure = { row: 3, code: 'MISSING_VALUE', tag: 'name', detail: 'No value.' } as const;
    const bytes = await archiveOf({ 'a/Ann (1).docx': 'Ann', '=1+1, "x" (2).docx': 'Bob' }, [
      { kind: 'failure', failure },
      { kind: 'skipped' },
    ]);
    const { documents, contents } = await readWhole(bytes);
    expect(documents).toBe(2);
    expect(contents).toMatchObject({ 'a/Ann (1).docx': 'Ann', '=1+1, "x" (2).docx': 'Bob' });
    expect(Object.keys(contents)).toEqual(
      expect.arrayContaining(['_manifest.csv', '_failures.csv']),
    );
  });

  it(
    'of many entries is read in one go, with ZIP64 where it is needed',
    { timeout: 60_000 },
    async () => {
      const documents = Object.fromEntries(
        Array.from({ length: 70_000 }, (_, row) => [`n (${row}).docx`, `content ${row}`]),
      );
      const { documents: count, contents } = await readWhole(await archiveOf(documents));
      expect(count).toBe(70_000);
      expect(contents['n (69999).docx']).toBe('content 69999');
    },
  );

  it('beyond 4 GiB has its entries where they are', async () => {
    const size = 700 * 1024 ** 2;
    const names = Array.from({ length: 7 }, (_, n) => ({ name: `${n}.docx`, size }));
    const archive = await readFile(archiveOfZeros([...names, { name: 'last.docx', size: 5 }]));
    expect(archive.documents).toBe(8);
    expect(await readAll(archive.content(7))).toEqual(Buffer.alloc(5));
  });

  it('without a manifest holds no documents that anybody vouches for', async () => {
    const { documents, contents } = await readWhole(craftZip([{ name: 'a.docx', content: 'A' }]));
    expect(documents).toBe(0);
    expect(contents).toEqual({ 'a.docx': 'A' });
  });

  const a = { name: 'a.docx', content: 'A' };
  const b = { name: 'b.docx', content: 'B' };
  const lineA = lineOf('a.docx', 'A');
  it.each<[string, CraftedEntry[], RegExp]>([
    ['lists what is not there', [a, manifest(lineA, lineOf('c.docx', 'C'))], /damaged at c\.docx/],
    ['lists one twice', [a, manifest(lineA, lineA)], /damaged at a\.docx/],
    ['is in another order', [b, a, manifest(lineA, lineOf('b.docx', 'B'))], /damaged at b\.docx/],
    ['has another hash', [a, manifest(lineA.replace(sha256('A'), sha256('B')))], /at a\.docx/],
    ['has no hash', [a, manifest(lineA.replace(sha256('A'), 'none'))], /at a\.docx/],
    ['has another size', [a, manifest(lineA.replace(',1,', ',2,'))], /at a\.docx/],
    ['is no manifest', [a, { name: '_manifest.csv', content: 'x'.repeat(300) }], /_manifest\.csv/],
    ['is empty', [a, { name: '_manifest.csv', content: '' }], /_manifest\.csv/],
    ['has a line of something else', [a, manifest(lineA, 'a,b\n')], /_manifest\.csv/],
    ['has half a line', [a, manifest(lineA.slice(0, 20))], /_manifest\.csv/],
    ['has a line without end', [a, manifest(`"${'x'.repeat(400_000)}`)], /_manifest\.csv/],
  ])('is damaged where its manifest %s', async (_, entries, message) => {
    await expect(readWhole(craftZip(entries))).rejects.toThrow(message);
  });

  it.each<[string, CraftedEntry]>([
    ['another checksum', { ...a, declared: { crc32: 1 } }],
    ['less than it says', { ...a, declared: { size: 2 } }],
    ['more than it says', { name: 'a.docx', content: 'x'.repeat(100), declared: { size: 1 } }],
    ['a way of packing that none of ours has', { ...a, method: 12 }],
    ['deflated bytes that are none', { ...a, method: 8, declared: { crc32: crc32('B') } }],
  ])('is damaged where an entry has %s', async (_, entry) => {
    await expect(readWhole(craftZip([b, entry]))).rejects.toThrow(
      'The archive is damaged at a.docx. Run the command again; if it happens again, retry the task.',
    );
  });

  it.each<[string, Uint8Array]>([
    ['nothing', Buffer.alloc(0)],
    ['a page of a proxy', Buffer.from('<html>Please log in</html>'.repeat(100))],
    ['a directory that counts too many', craftZip([a, b], 3)],
    ['a directory that counts too few', craftZip([a, b], 1)],
    ['one that is cut', craftZip([a, b]).subarray(0, -30)],
    ['one that something stands before', Buffer.concat([Buffer.alloc(9), craftZip([a, b])])],
  ])('is none where there is %s', async (_, bytes) => {
    await expect(readWhole(bytes)).rejects.toThrow('What was downloaded is not an archive.');
  });

  it('is damaged where a directory leads to no entry', async () => {
    const bytes = craftZip([a, b]);
    // The offset of the second record, which stands before the name.
    bytes.writeUInt32LE(1, bytes.lastIndexOf('b.docx') - 4);
    await expect(readWhole(bytes)).rejects.toThrow(/The archive is damaged at/);
  });
});
