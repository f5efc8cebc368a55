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

  it.each([
    ['a line break', Buffer.from('\n')],
    ['a block of zeros', Buffer.alloc(512)],
    [
      'what looks like another end',
      Buffer.concat([Buffer.from('PK\x05\x06'), Buffer.alloc(40, 1)]),
    ],
  ])('does not look at %s behind the end', (_name, behind) => {
    const zip = craftZip([{ name: 'a.txt', content: 'a' }]);
    expect(readZip(Buffer.concat([zip, behind])).map(({ name }) => name)).toEqual(['a.txt']);
  });

  it('reads the records of ZIP64, where the end has no room', () => {
    const zip = craftZip([{ name: 'a.txt', content: 'a' }]);
    const end = zip.length - 22;
    const record = Buffer.alloc(56);
    record.write('PK\x06\x06', 'latin1');
    record.writeBigUInt64LE(44n, 4);
    record.writeBigUInt64LE(1n, 24);
    record.writeBigUInt64LE(1n, 32);
    record.writeBigUInt64LE(BigInt(zip.readUInt32LE(end + 12)), 40);
    record.writeBigUInt64LE(BigInt(zip.readUInt32LE(end + 16)), 48);
    const locator = Buffer.alloc(20);
    locator.write('PK\x06\x07', 'latin1');
    locator.writeBigUInt64LE(BigInt(end), 8);
    locator.writeUInt32LE(1, 16);
    const last = Buffer.from(zip.subarray(end));
    last.fill(0xff, 8, 20);
    const long = Buffer.concat([zip.subarray(0, end), record, locator, last]);
    expect(readZip(long).map(({ name }) => name)).toEqual(['a.txt']);
  });

  it('reads entries whose sizes stand behind their bytes', () => {
    const zip = craftZip([{ name: 'a.txt', content: 'abc', method: 8, flags: 1 << 3 }]);
    const local = Buffer.from(zip);
    local.fill(0, 14, 26);
    expect(readZip(local).map((entry) => Buffer.from(inflate(entry)).toString())).toEqual(['abc']);
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
