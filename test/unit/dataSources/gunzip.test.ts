import { constants, createGzip, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeToUtf8 } from '../../../shared/dataSources/decode.ts';
import { gunzip } from '../../../shared/dataSources/gunzip.ts';
import { mediaTypeOf } from '../../../shared/dataSources/reading.ts';
import {
  MAX_SOURCE_INFLATED_BYTES,
  MAX_SOURCE_RATIO,
  RATIO_FREE_BYTES,
} from '../../../shared/limits.ts';
import { cutsArbitrary, pieces } from './support.ts';

async function* streamOf(parts: Iterable<Uint8Array>) {
  yield* parts;
}

async function inflated(parts: Iterable<Uint8Array>): Promise<string> {
  const found: Uint8Array[] = [];
  for await (const piece of gunzip(streamOf(parts))) found.push(Buffer.from(piece));
  return Buffer.concat(found).toString('latin1');
}

const bytesOf = (text: string) => Buffer.from(text, 'latin1');
const fault = (code: string, detail: RegExp) => ({
  name: 'SourceFault',
  problems: [{ code, detail: expect.stringMatching(detail) as string }],
});

describe('a gzip file', () => {
  it('is what was compressed, of all its members, however it arrives', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 4 }),
        cutsArbitrary,
        fc.nat(40),
        async (members, cuts, padding) => {
          const file = Buffer.concat([...members.map((m) => gzipSync(m)), Buffer.alloc(padding)]);
          const whole = Buffer.concat(members).toString('latin1');
          expect(await inflated(pieces(file, cuts))).toBe(whole);
        },
      ),
    );
  });

  const file = gzipSync('name,city\nAda,London\n');
  const damaged = Buffer.from(file);
  damaged[file.length - 6] = (damaged[file.length - 6] ?? 0) ^ 1;

  it.each<[string, Uint8Array, RegExp]>([
    ['that is none', bytesOf('name,city\nAda,London\n'), /has not compressed/],
    ['of one byte', bytesOf('\x1f'), /breaks off/],
    ['that is cut off', file.subarray(0, 25), /breaks off/],
    ['that lacks the end of its checksum', file.subarray(0, -3), /breaks off/],
    ['whose checksum is wrong', damaged, /damaged/],
    ['with a line behind its end', Buffer.concat([file, bytesOf('and much more text')]), /damaged/],
    ['with a byte behind its end', Buffer.concat([file, bytesOf('x')]), /other bytes behind/],
    ['with a table behind its padding', Buffer.concat([file, Buffer.alloc(9), file]), /damaged/],
  ])('is refused: one %s', async (_what, bytes, detail) => {
    for (const cuts of [[], [1], [30, 31, 32, 33, 34, 35, 36]]) {
      await expect(inflated(pieces(bytes, cuts))).rejects.toMatchObject(
        fault('GZIP_BROKEN', detail),
      );
    }
  });

  it('is given up to where it breaks', async () => {
    const text = Array.from({ length: 20_000 }, (_, i) => `row ${i}\n`).join('');
    const bytes = gzipSync(text, { level: constants.Z_NO_COMPRESSION }).subarray(0, 120_000);
    let read = '';
    const reading = async () => {
      for await (const piece of gunzip(streamOf([bytes]))) read += Buffer.from(piece).toString();
    };
    await expect(reading()).rejects.toMatchObject(fault('GZIP_BROKEN', /breaks off/));
    expect(read.length).toBeGreaterThan(50_000);
    expect(text.startsWith(read)).toBe(true);
  });

  it('that explodes is refused soon, whatever it would become', async () => {
    async function* zeros() {
      for (;;) yield Buffer.alloc(1024 * 1024);
    }
    let taken = 0;
    async function* bomb() {
      const compressed = createGzip();
      void (async () => {
        for await (const piece of zeros()) {
          if (compressed.destroyed) return;
          if (!compressed.write(piece)) await new Promise((go) => compressed.once('drain', go));
        }
      })();
      for await (const piece of compressed as AsyncIterable<Uint8Array>) {
        taken += piece.length;
        yield piece;
      }
    }
    let read = 0;
    const reading = async () => {
      for await (const piece of gunzip(bomb())) read += piece.length;
    };
    await expect(reading()).rejects.toMatchObject(
      fault('FILE_TOO_LARGE', new RegExp(`${MAX_SOURCE_RATIO} times`)),
    );
    expect(read).toBeLessThanOrEqual(RATIO_FREE_BYTES);
    expect(taken).toBeLessThan(1024 * 1024);
  });

  it('may become as large as a table that is not compressed', () => {
    expect(MAX_SOURCE_INFLATED_BYTES).toBe(5 * 1024 ** 3);
  });

  it('leaves what its source throws as it is', async () => {
    async function* failing() {
      yield file.subarray(0, 10);
      throw new RangeError('from the bucket');
    }
    const reading = async () => {
      for await (const piece of gunzip(failing())) void piece;
    };
    await expect(reading()).rejects.toThrow(new RangeError('from the bucket'));
  });

  it('lets go of its source when nobody reads on', async () => {
    let closed = false;
    async function* endless() {
      try {
        for (;;) yield gzipSync('x'.repeat(1000));
      } finally {
        closed = true;
      }
    }
    for await (const piece of gunzip(endless())) if (piece.length > 0) break;
    await new Promise((go) => setImmediate(go));
    expect(closed).toBe(true);
  });

  it('is told apart where its name does not say so', async () => {
    const reading = async () => {
      for await (const piece of decodeToUtf8(streamOf([file]))) void piece;
    };
    await expect(reading()).rejects.toMatchObject(fault('FILE_NOT_TEXT', /ends in \.gz/));
  });

  it('is uploaded as what it is', () => {
    expect(mediaTypeOf('people.csv.gz')).toBe('application/gzip');
    expect(mediaTypeOf('people.csv')).toBe('text/csv');
    expect(() => mediaTypeOf('people.gz')).toThrow(/\.json or \.jsonl/);
  });
});
