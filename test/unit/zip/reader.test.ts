import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { randomBytes } from 'node:crypto';
import { ZipArchive } from 'archiver';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inflate, readZip } from '../../../shared/zip/reader.ts';
import { Problem } from '../../../shared/problems.ts';
import { craftZip } from '../../support/craftZip.ts';

const contents = (bytes: Uint8Array) =>
  readZip(bytes).map((entry) => [entry.name, Buffer.from(inflate(entry)).toString()]);

describe('readZip', () => {
  it('reads what another writer wrote, folders left out', async () => {
    const archive = new ZipArchive({ comment: 'PK\x05\x06 is not the end' });
    archive.append('one', { name: 'word/a.xml' });
    archive.append('', { name: 'word/media/', type: 'directory' } as never);
    archive.append('zwei', { name: 'word/ü.xml', store: true });
    const sink = new PassThrough();
    archive.pipe(sink);
    void archive.finalize();
    expect(contents(await buffer(sink))).toEqual([
      ['word/a.xml', 'one'],
      ['word/ü.xml', 'zwei'],
    ]);
  });

  it('keeps the order of the directory, not that of the bytes', () => {
    const zip = craftZip([
      { name: 'b', content: 'B' },
      { name: 'a', content: 'A', method: 8 },
      { name: 'c', content: '' },
    ]);
    expect(contents(zip)).toEqual([
      ['b', 'B'],
      ['a', 'A'],
      ['c', ''],
    ]);
  });

  it('refuses what inflates to more than the limit in all', () => {
    const noise = randomBytes(700_000);
    const entry = (name: string) => ({
      name,
      content: noise,
      method: 8,
      declared: { size: 130_000_000 },
    });
    expect(() => readZip(craftZip([entry('a'), entry('b')]))).toThrow(
      'The file inflates to 260000000 bytes; a template may have 209715200.',
    );
  });

  it('tells all unsafe entries at once', () => {
    const zip = craftZip([
      { name: 'a', content: '' },
      { name: 'A', content: '' },
      { name: '../b', content: '' },
      { name: 'c', content: '', flags: 1 },
    ]);
    expect(() => readZip(zip)).toThrow(/3 faults/);
  });

  it.each(['C:/a', '//a', './a', 'a/./b', 'a/..', 'a\0b', ''])('refuses the name %j', (name) => {
    expect(() => readZip(craftZip([{ name, content: '' }]))).toThrow(/unsafe name/);
  });

  it('never fails but with its problem, however the bytes are broken', () => {
    const zip = craftZip([
      { name: 'a.xml', content: 'some text some text', method: 8 },
      { name: 'b.xml', content: 'more' },
    ]);
    const damage = fc.array(fc.tuple(fc.nat(zip.length - 1), fc.nat(255)), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(damage, fc.nat(zip.length), (changes, length) => {
        const broken = Buffer.from(zip);
        for (const [at, value] of changes) broken[at] = value;
        for (const bytes of [broken, broken.subarray(0, length), broken.subarray(length)]) {
          try {
            readZip(bytes).forEach(inflate);
          } catch (error) {
            if (!(error instanceof Problem)) throw error;
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});
