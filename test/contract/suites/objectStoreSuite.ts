/** What every implementation of the object store port does: run over the fake and over the adapter. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ObjectMissing, type ObjectStore } from '../../../shared/ports.ts';

export interface ObjectStoreFixture {
  readonly objects: ObjectStore;
  close(): Promise<void>;
}

const MiB = 1024 * 1024;
/** The smallest part that is not the last. */
const PART = 5 * MiB;

export function objectStoreSuite(name: string, open: () => Promise<ObjectStoreFixture>) {
  describe(`the object store port, ${name}`, () => {
    let fixture: ObjectStoreFixture;
    let objects: ObjectStore;
    let keys = 0;
    let key: string;
    /** Made once: it is large. */
    const large = randomBytes(PART + 1);

    beforeAll(async () => {
      fixture = await open();
      objects = fixture.objects;
      await objects.put('large', large);
      await objects.put('small', Buffer.from('small'));
    });
    afterAll(() => fixture.close());
    beforeEach(() => {
      key = `test/${++keys}`;
    });

    const bytes = (text: string) => new Uint8Array(Buffer.from(text));
    const text = async (of: string) => Buffer.from(await objects.read(of)).toString();

    async function collect(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
      const pieces: Uint8Array[] = [];
      for await (const piece of stream) pieces.push(piece);
      return Buffer.concat(pieces);
    }

    describe('list and delete', () => {
      it('finds the keys below a prefix, in order, a page at a time', async () => {
        const below = `${key}/`;
        for (const name of ['b', 'a/2', 'a/10', 'ü', 'c d+e']) {
          await objects.put(`${below}${name}`, bytes(name));
        }
        await objects.put(`${key}-beside`, bytes('no'));
        const all = ['a/10', 'a/2', 'b', 'c d+e', 'ü'].map((name) => `${below}${name}`);
        expect(await objects.list(below, 1_000)).toEqual({ keys: all, isAll: true });
        expect(await objects.list(below, 5)).toEqual({ keys: all, isAll: true });
        expect(await objects.list(below, 2)).toEqual({ keys: all.slice(0, 2), isAll: false });
        expect(await objects.list(`${key}/none/`, 10)).toEqual({ keys: [], isAll: true });
      });

      it('deletes one, and does not mind one that is gone', async () => {
        await objects.put(key, bytes('here'));
        for (let times = 0; times < 2; times++) await objects.delete(key);
        expect(await objects.head(key)).toBeUndefined();
        expect((await objects.list(key, 10)).keys).toEqual([]);
        await expect(objects.read(key)).rejects.toBeInstanceOf(ObjectMissing);
      });
    });

    describe('put and read', () => {
      it('keeps bytes', async () => {
        const body = randomBytes(100_000);
        expect(await objects.put(key, body)).toBe(true);
        expect(body.equals(await objects.read(key))).toBe(true);
      });

      it('keeps an empty object', async () => {
        await objects.put(key, bytes(''));
        expect(await objects.read(key)).toHaveLength(0);
        expect(await collect(objects.stream(key))).toHaveLength(0);
        expect(await objects.head(key)).toMatchObject({ bytes: 0 });
      });

      it('replaces an object', async () => {
        await objects.put(key, bytes('before'));
        await objects.put(key, bytes('after'));
        expect(await text(key)).toBe('after');
      });

      it('does not share memory with the caller', async () => {
        // A Buffer, because its slice() is a view where that of other arrays is a copy.
        const body = Buffer.from('abc');
        await objects.put(key, body);
        const upload = await objects.startUpload(`${key}/parts`);
        await upload.uploadPart(1, body);
        body[0] = 0;
        await upload.complete();
        const read = await objects.read(key);
        expect(Buffer.from(read).toString()).toBe('abc');
        read[0] = 0;
        expect(await text(key)).toBe('abc');
        expect(await text(`${key}/parts`)).toBe('abc');
      });

      it('takes a free key, and no other, when asked to', async () => {
        expect(await objects.put(key, bytes('first'), { ifAbsent: true })).toBe(true);
        expect(await objects.put(key, bytes('second'), { ifAbsent: true })).toBe(false);
        expect(await text(key)).toBe('first');
      });

      it('lets exactly one of many take a free key', async () => {
        const puts = Array.from({ length: 10 }, (_, i) =>
          objects.put(key, bytes(String(i)), { ifAbsent: true }),
        );
        const won = (await Promise.all(puts)).flatMap((taken, i) => (taken ? [String(i)] : []));
        expect(won).toEqual([await text(key)]);
      });

      it('keeps hostile keys apart', async () => {
        const hostile = [
          '../../outside',
          '/absolute',
          'a/./b',
          'a/../b',
          'a//b',
          'a/b/',
          'CASE',
          'case',
          'Ünïcode 王 \u{1f600} & <x> "q" \'q\' + % ? # * | : \\ ~!()',
          'nul',
          'con.txt',
          'trailing.',
          ' spaces ',
          `long/${'x'.repeat(1000)}`,
        ].map((one) => `${key}${one}`);
        for (const one of hostile) await objects.put(one, bytes(one));
        for (const one of hostile) expect(await text(one)).toBe(one);
      });
    });

    describe('a missing object', () => {
      it('is undefined to head, and raises ObjectMissing otherwise', async () => {
        expect(await objects.head(key)).toBeUndefined();
        await expect(objects.read(key)).rejects.toBeInstanceOf(ObjectMissing);
        await expect(objects.read(key, { offset: 0, length: 1 })).rejects.toBeInstanceOf(
          ObjectMissing,
        );
        await expect(collect(objects.stream(key))).rejects.toBeInstanceOf(ObjectMissing);
      });
    });

    describe('head', () => {
      it('tells the size, and a tag that changes with the bytes', async () => {
        await objects.put(key, bytes('one'));
        const one = await objects.head(key);
        expect(one?.bytes).toBe(3);
        await objects.put(key, bytes('two'));
        expect((await objects.head(key))?.etag).not.toBe(one?.etag);
        await objects.put(key, bytes('one'));
        expect(await objects.head(key)).toEqual(one);
      });
    });

    describe('ranges', () => {
      it.each([
        ['the first byte', 0, 1, 'a'],
        ['the middle', 2, 3, 'cde'],
        ['the last byte', 9, 1, 'j'],
        ['beyond the end, cut there', 8, 100, 'ij'],
        ['nothing', 3, 0, ''],
      ])('%s', async (_name, offset, length, expected) => {
        await objects.put(key, bytes('abcdefghij'));
        const range = { offset, length };
        expect(Buffer.from(await objects.read(key, range)).toString()).toBe(expected);
        expect((await collect(objects.stream(key, range))).toString()).toBe(expected);
        const memory = new Uint8Array(length).fill(0x2e);
        expect(Buffer.from(await objects.read(key, range, memory)).toString()).toBe(expected);
      });

      it('fail behind the end', async () => {
        await objects.put(key, bytes('abc'));
        await expect(objects.read(key, { offset: 3, length: 1 })).rejects.toBeInstanceOf(
          RangeError,
        );
      });
    });

    describe('stream', () => {
      it('gives all bytes in order', async () => {
        expect(large.equals(await collect(objects.stream('large')))).toBe(true);
      });

      it('can be left early', async () => {
        for await (const piece of objects.stream('large')) {
          expect(piece.length).toBeLessThan(large.length);
          break;
        }
        expect(await objects.head('large')).toMatchObject({ bytes: large.length });
      });
    });

    describe('multipart uploads', () => {
      it('join parts by their numbers, whatever the order of arrival', async () => {
        const upload = await objects.startUpload(key, { contentType: 'text/plain' });
        const parts = [randomBytes(PART), randomBytes(PART + 3), bytes('end')];
        await upload.uploadPart(9, parts[2] ?? bytes(''));
        await Promise.all([
          upload.uploadPart(5, parts[1] ?? bytes('')),
          upload.uploadPart(2, parts[0] ?? bytes('')),
        ]);
        expect(await objects.head(key)).toBeUndefined();
        expect(await upload.complete()).toBe(true);
        expect(Buffer.concat(parts).equals(await objects.read(key))).toBe(true);
      });

      it('take a single part of any size', async () => {
        const upload = await objects.startUpload(key);
        await upload.uploadPart(1, bytes('x'));
        expect(await upload.complete()).toBe(true);
        expect(await text(key)).toBe('x');
      });

      it('replace a part that is sent again', async () => {
        const upload = await objects.startUpload(key);
        await upload.uploadPart(1, bytes('before'));
        await upload.uploadPart(1, bytes('after'));
        await upload.complete();
        expect(await text(key)).toBe('after');
      });

      it('refuse a part below 5 MiB that is not the last', async () => {
        const upload = await objects.startUpload(key);
        await upload.uploadPart(1, large.subarray(0, PART - 1));
        await upload.uploadPart(2, bytes('end'));
        await expect(upload.complete()).rejects.toMatchObject({ name: 'EntityTooSmall' });
        expect(await objects.head(key)).toBeUndefined();
        await upload.uploadPart(1, large.subarray(0, PART));
        expect(await upload.complete()).toBe(true);
        expect(await objects.head(key)).toMatchObject({ bytes: PART + 3 });
      });

      it('refuse to complete without parts', async () => {
        const upload = await objects.startUpload(key);
        await expect(upload.complete()).rejects.toThrow();
      });

      it.each([0, 10_001, 1.5])('refuse part number %d', async (partNumber) => {
        const upload = await objects.startUpload(key);
        await expect(upload.uploadPart(partNumber, bytes('x'))).rejects.toThrow();
        await upload.abort();
      });

      it('do not take a key that was taken meanwhile, when asked to', async () => {
        const upload = await objects.startUpload(key);
        await upload.uploadPart(1, bytes('late'));
        await objects.put(key, bytes('early'));
        expect(await upload.complete({ ifAbsent: true })).toBe(false);
        expect(await text(key)).toBe('early');
        await upload.abort();
      });

      it('take a free key when asked to', async () => {
        const upload = await objects.startUpload(key);
        await upload.uploadPart(1, bytes('only'));
        expect(await upload.complete({ ifAbsent: true })).toBe(true);
      });

      it('can be aborted, repeatedly, and are gone then', async () => {
        const upload = await objects.startUpload(key);
        await upload.uploadPart(1, bytes('x'));
        await upload.abort();
        await upload.abort();
        await expect(upload.uploadPart(2, bytes('x'))).rejects.toMatchObject({
          name: 'NoSuchUpload',
        });
        await expect(upload.complete()).rejects.toMatchObject({ name: 'NoSuchUpload' });
        expect(await objects.head(key)).toBeUndefined();
      });
    });

    describe('copied parts', () => {
      it('are whole objects of any size, and ranges of those above 5 MiB', async () => {
        const upload = await objects.startUpload(key);
        await upload.copyPart(1, 'large');
        await upload.copyPart(2, 'large', { offset: 1, length: PART });
        await upload.copyPart(3, 'small');
        await upload.complete();
        const expected = Buffer.concat([large, large.subarray(1, PART + 1), bytes('small')]);
        expect(expected.equals(await objects.read(key))).toBe(true);
        const acrossParts = { offset: large.length - 2, length: 4 };
        const read = await objects.read(key, acrossParts);
        expect(expected.subarray(large.length - 2, large.length + 2).equals(read)).toBe(true);
      });

      it('refuse a range of a source of 5 MiB or less', async () => {
        await objects.put(key, large.subarray(0, PART));
        const upload = await objects.startUpload(`${key}/copy`);
        await expect(upload.copyPart(1, key, { offset: 0, length: 10 })).rejects.toMatchObject({
          name: 'InvalidRequest',
        });
        await upload.abort();
      });

      it('refuse a range beyond the source', async () => {
        const upload = await objects.startUpload(key);
        await expect(
          upload.copyPart(1, 'large', { offset: 1, length: large.length }),
        ).rejects.toThrow();
        await upload.abort();
      });

      it('raise ObjectMissing for a missing source', async () => {
        const upload = await objects.startUpload(key);
        await expect(upload.copyPart(1, 'nothing/here')).rejects.toBeInstanceOf(ObjectMissing);
        await upload.abort();
      });

      it('take a source whose key needs encoding', async () => {
        const source = `${key}/Ünïcode 王 + % ? # &`;
        await objects.put(source, bytes('odd'));
        const upload = await objects.startUpload(key);
        await upload.copyPart(1, source);
        await upload.complete();
        expect(await text(key)).toBe('odd');
      });

      it('stay when their source is replaced', async () => {
        const source = `${key}/source`;
        await objects.put(source, bytes('before'));
        const upload = await objects.startUpload(key);
        await upload.copyPart(1, source);
        await objects.put(source, bytes('after'));
        await upload.complete();
        expect(await text(key)).toBe('before');
      });
    });

    describe('presigned links', () => {
      it('name their key and the headers to send', async () => {
        const upload = await objects.presignPut(key, {
          expiresInSeconds: 60,
          contentType: 'text/csv',
        });
        expect(new URL(upload.url).pathname).toContain(key);
        expect(upload.headers).toEqual({ 'content-type': 'text/csv' });
        const link = await objects.presignGet(key, {
          expiresInSeconds: 60,
          fileName: 'Zoë.zip',
          contentType: 'application/zip',
        });
        expect(new URL(link).pathname).toContain(key);
      });
    });
  });
}
