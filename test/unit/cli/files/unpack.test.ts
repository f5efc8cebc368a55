import {
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkNames } from '../../../../cli/files/places.ts';
import { unpackArchive } from '../../../../cli/files/unpack.ts';
import type { Saving } from '../../../../cli/files/saveFile.ts';
import { craftZip } from '../../../support/craftZip.ts';
import { startFileServer, type FileServer } from '../../../support/fileServer.ts';
import { archiveOf, archiveOfZeros } from '../../../support/taskArchives.ts';

let server: FileServer;
let outer: string;
let folder: string;
const at = (name: string) => join(folder, name);
beforeEach(async () => {
  outer = await realpath(await mkdtemp(join(tmpdir(), 'sheaf-unpack-')));
  folder = join(outer, 'out');
  server = await startFileServer(await archiveOf({ 'Ann.docx': 'Ann', 'x/y/Bob.docx': 'Bob' }));
});
afterEach(async () => {
  await server.close();
  await rm(outer, { recursive: true });
});

const unpack = (saving: Partial<Saving> = {}) =>
  unpackArchive(server.link, folder, {
    ...{ signal: new AbortController().signal, force: false },
    ...saving,
  });
const serve = (...names: string[]) => {
  server.behaviour.content = craftZip(names.map((name) => ({ name, content: `in ${name}` })));
};

describe('an archive that is unpacked', () => {
  it('comes with its folders, and nothing else', async () => {
    const unpacked = await unpack();
    expect(unpacked).toMatchObject({ folder, documents: 2, unchanged: 0 });
    expect(await readFile(at('Ann.docx'), 'utf8')).toBe('Ann');
    expect(await readFile(at('x/y/Bob.docx'), 'utf8')).toBe('Bob');
    expect((await readdir(folder)).sort()).toEqual(['Ann.docx', '_manifest.csv', 'x']);
  });

  it('leaves what is there and the same untouched', async () => {
    await unpack();
    const old = new Date('2001-01-01');
    await utimes(at('Ann.docx'), old, old);
    await rm(at('x/y/Bob.docx'));
    expect(await unpack()).toMatchObject({ unchanged: 2, bytes: 3 });
    expect((await stat(at('Ann.docx'))).mtime).toEqual(old);
    expect(await readFile(at('x/y/Bob.docx'), 'utf8')).toBe('Bob');
  });

  it.each([
    ['another file', () => writeFile(at('Ann.docx'), 'Eve')],
    ['one of another size', () => writeFile(at('Ann.docx'), 'Ann and more')],
    [
      'a link to the very same',
      async () => {
        await writeFile(join(outer, 'Ann'), 'Ann');
        await symlink(join(outer, 'Ann'), at('Ann.docx'));
      },
    ],
    ['a link that leads nowhere', () => symlink(join(outer, 'nowhere'), at('Ann.docx'))],
  ])('replaces %s only when it is told to', async (_, make) => {
    await mkdir(folder);
    await make();
    await expect(unpack()).rejects.toThrow(/Ann\.docx is there already, and would be replaced/);
    await unpack({ force: true });
    expect((await lstat(at('Ann.docx'))).isFile()).toBe(true);
    expect(await readFile(at('Ann.docx'), 'utf8')).toBe('Ann');
    expect(await readdir(outer)).not.toContain('nowhere');
  });

  it.each([
    ['../x', 'outside'],
    ['a/../../x', 'outside'],
    ['a/..', 'outside'],
    ['./x', 'outside'],
    ['/x', 'outside'],
    ['\\x', 'outside'],
    ['C:\\x', 'outside'],
    ['c:x', 'outside'],
    ['a\\..\\..\\b', 'outside'],
    ['a\0b', 'outside'],
    ['', 'outside'],
    ['a//b', 'outside'],
    ['good', 'twice'],
  ])('is refused whole where it holds %j', async (name, why) => {
    serve('good', name);
    await expect(unpack()).rejects.toThrow(why === 'twice' ? /twice/ : /outside of the folder/);
    expect(await readdir(outer)).toEqual(['out']);
    expect(await readdir(folder)).toEqual([]);
  });

  it('knows what Windows takes for devices and streams', () => {
    for (const name of [
      'nul',
      'a/CON.docx',
      'aux .x',
      'com1.docx',
      'ab:c',
      'a.',
      'a /b',
      'a?',
      '\u0007',
    ]) {
      expect(() => checkNames([name], 'win32')).toThrow(/a name that Windows does not have/);
      expect(() => checkNames([name], 'linux')).not.toThrow();
    }
    expect(() =>
      checkNames(['console.docx', 'a.b/Ann (1).docx', '_manifest.csv'], 'win32'),
    ).not.toThrow();
  });

  it('makes nothing behind a link that stands for one of its folders', async () => {
    await mkdir(folder);
    await mkdir(join(outer, 'elsewhere'));
    await symlink(join(outer, 'elsewhere'), at('x'));
    await expect(unpack({ force: true })).rejects.toThrow(/out\/x is a link to another folder/);
    expect(await readdir(join(outer, 'elsewhere'))).toEqual([]);
  });

  it('goes to where a link leads that was named as the folder', async () => {
    await mkdir(join(outer, 'elsewhere'));
    await symlink(join(outer, 'elsewhere'), folder);
    await unpack();
    expect(await readdir(join(outer, 'elsewhere'))).toContain('Ann.docx');
  });

  it.each([
    ['a file where a folder belongs', 'x', /out\/x is a file, and the archive has a folder/],
    [
      'a folder where a file belongs',
      'Ann.docx/z',
      /Ann\.docx is a folder: no file can replace it/,
    ],
  ])('says what to do about %s', async (_, place, message) => {
    await mkdir(at(join(place, '..')), { recursive: true });
    await writeFile(at(place), 'mine');
    await expect(unpack({ force: true })).rejects.toThrow(message);
    expect(await readFile(at(place), 'utf8')).toBe('mine');
  });

  it('keeps names apart that differ in case alone, or says that the disk does not', async () => {
    serve('letter.docx', 'Letter.docx');
    await mkdir(folder);
    await writeFile(at('probe'), '');
    const isOne = await stat(at('PROBE')).then(
      () => true,
      () => false,
    );
    if (isOne) await expect(unpack({ force: true })).rejects.toThrow(/takes for one/);
    else {
      await unpack();
      expect(await readFile(at('Letter.docx'), 'utf8')).toBe('in Letter.docx');
      expect(await readFile(at('letter.docx'), 'utf8')).toBe('in letter.docx');
    }
  });

  it('may have names as long as the disk takes, and no longer', async () => {
    serve('x'.repeat(255));
    await unpack();
    serve('y'.repeat(256));
    await expect(unpack()).rejects.toMatchObject({ code: 'ENAMETOOLONG' });
    expect(await readdir(folder)).toEqual(['x'.repeat(255)]);
  });

  it('has no file of its name that is not whole, wherever it is stopped', async () => {
    const size = 6 * 1024 * 1024;
    const names = ['a', 'b', 'c'].map((name) => ({ name, size }));
    server.behaviour.content = archiveOfZeros([...names, { name: 'small', size: 1000 }]);
    for (const until of [1, size / 2, 1.5 * size, 2.2 * size, 3 * size]) {
      const controller = new AbortController();
      let bytes = 0;
      const onBytes = (count: number) => {
        bytes += count;
        if (bytes > until) controller.abort(new Error('stopped'));
      };
      await unpack({ signal: controller.signal, onBytes }).catch(() => undefined);
      for (const name of await readdir(folder)) {
        expect(['a', 'b', 'c', 'small', '_manifest.csv']).toContain(name);
        if (name !== '_manifest.csv') {
          expect((await stat(at(name))).size).toBe(name === 'small' ? 1000 : size);
        }
      }
    }
    expect(await unpack()).toMatchObject({ documents: 4 });
    expect((await readdir(folder)).sort()).toEqual(['_manifest.csv', 'a', 'b', 'c', 'small']);
  });

  it('removes what killed commands have left, and nothing of others', async () => {
    await mkdir(at('.sheaf-0123456789ab'), { recursive: true });
    await writeFile(at('.sheaf-0123456789ab/7'), 'half');
    await writeFile(at('.sheaf-0123456789ab.lock'), '{"pid":4194305}');
    await mkdir(at('.sheaf-mine'));
    await unpack();
    expect((await readdir(folder)).filter((name) => name.startsWith('.'))).toEqual(['.sheaf-mine']);
  });

  it('is the same when two do it at the same moment', async () => {
    const both = await Promise.all([unpack(), unpack()]);
    expect(both.map(({ documents }) => documents)).toEqual([2, 2]);
    expect(await readFile(at('Ann.docx'), 'utf8')).toBe('Ann');
    expect((await readdir(folder)).sort()).toEqual(['Ann.docx', '_manifest.csv', 'x']);
  });

  it('leaves nothing of a document that is damaged', async () => {
    const bytes = await archiveOf({ 'Ann.docx': 'Ann', 'Bob.docx': 'Bob' });
    bytes.write('Bub', bytes.indexOf('Bob', bytes.indexOf('Bob.docx') + 8));
    server.behaviour.content = bytes;
    await expect(unpack()).rejects.toThrow(/damaged at Bob\.docx/);
    expect(await readdir(folder)).toEqual(['Ann.docx']);
  });

  it('takes memory for a few documents, however large it is', { timeout: 120_000 }, async () => {
    const MiB = 1024 * 1024;
    const documents = [
      ...Array.from({ length: 100 }, (_, n) => ({ name: `small-${n}`, size: MiB })),
      ...Array.from({ length: 4 }, (_, n) => ({ name: `large-${n}`, size: 50 * MiB })),
    ];
    server.behaviour.content = archiveOfZeros(documents);
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    let bytes = 0;
    await unpack({
      onBytes: (count) => {
        bytes += count;
        most = Math.max(most, process.memoryUsage().arrayBuffers - before);
      },
    });
    expect(bytes).toBeGreaterThan(300 * MiB);
    expect(most).toBeLessThan(120 * MiB);
  });
});
