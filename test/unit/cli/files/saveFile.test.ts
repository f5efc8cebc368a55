import { readdirSync, statSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { takeLock } from '../../../../cli/files/lock.ts';
import { saveArchive, saveFile, type Saving } from '../../../../cli/files/saveFile.ts';
import { craftZip } from '../../../support/craftZip.ts';
import { startFileServer, type FileServer } from '../../../support/fileServer.ts';
import { archiveOf } from '../../../support/taskArchives.ts';

const CONTENT = randomBytes(500_000);
let server: FileServer;
let folder: string;
const at = (name: string) => join(folder, name);
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sheaf-save-'));
  server = await startFileServer(CONTENT);
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

const save = (name = 'out.bin', saving: Partial<Saving> = {}) =>
  saveFile(server.link, at(name), {
    ...{ signal: new AbortController().signal, force: false },
    ...saving,
  });
const saveZip = (name = 'out.zip') =>
  saveArchive(server.link, at(name), { signal: new AbortController().signal, force: false });

/** Begins a download that is stopped in the middle; the name of what it leaves. */
async function leaveHalf(name = 'out.bin'): Promise<string> {
  const controller = new AbortController();
  // What has come is not on the disk yet: what an abort leaves there is what counts.
  const onBytes = () => {
    const draft = readdirSync(folder).find((each) => each.endsWith('.part'));
    if (draft === undefined || statSync(at(draft)).size <= 150_000) return;
    controller.abort(new Error('stopped'));
  };
  const { signal } = controller;
  await expect(save(name, { signal, onBytes })).rejects.toThrow('stopped');
  const [draft = '', ...others] = (await readdir(folder)).filter((each) => each !== name);
  expect(draft).toMatch(/^\..*\.[0-9a-f]{16}\.part$/);
  expect(others).toEqual([]);
  server.sent = 0;
  return draft;
}

describe('a file that is saved', () => {
  it('has its name when it is whole, in a folder that is made, and nothing beside it', async () => {
    const saved = await save('new/deep/out.bin');
    expect(saved).toEqual({ path: at('new/deep/out.bin'), bytes: CONTENT.length });
    expect((await readFile(at('new/deep/out.bin'))).equals(CONTENT)).toBe(true);
    expect(await readdir(at('new/deep'))).toEqual(['out.bin']);
  });

  it('goes on where an earlier try has stopped, and asks for the rest alone', async () => {
    const half = (await readFile(at(await leaveHalf()))).length;
    expect(half).toBeGreaterThan(100_000);
    const before = server.asked.length;
    await save();
    expect((await readFile(at('out.bin'))).equals(CONTENT)).toBe(true);
    expect(await readdir(folder)).toEqual(['out.bin']);
    expect(server.asked.slice(before).length).toBeLessThanOrEqual(2);
  });

  it('asks for what is missing from there on', async () => {
    const large = randomBytes(3_000_000);
    server.behaviour.content = large;
    server.behaviour.breaksAfter = 2_000_000;
    server.behaviour.instead = ({ nth }, response) => {
      if (nth > 1) response.writeHead(503).end();
      return nth > 1;
    };
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error('stopped')), 300);
    await expect(save('out.bin', { signal: controller.signal })).rejects.toThrow('stopped');
    const [draft = ''] = await readdir(folder);
    const half = (await readFile(at(draft))).length;
    Object.assign(server.behaviour, { breaksAfter: Infinity, instead: () => false });
    const before = server.asked.length;
    await save();
    expect(server.asked.slice(before).map(({ range }) => range)).toEqual([
      'bytes=0-',
      `bytes=${half}-`,
    ]);
    expect((await readFile(at('out.bin'))).equals(large)).toBe(true);
  });

  it('does not go on with another content, and removes what was begun of it', async () => {
    await leaveHalf();
    const other = randomBytes(400_000);
    Object.assign(server.behaviour, { content: other, etag: '"two"' });
    await save();
    expect((await readFile(at('out.bin'))).equals(other)).toBe(true);
    expect(await readdir(folder)).toEqual(['out.bin']);
  });

  it('leaves what another command is at, and what belongs to another file', async () => {
    const draft = await leaveHalf();
    const unlock = await takeLock(at(`${draft}.lock`), 'out.bin');
    await expect(save()).rejects.toThrow(
      /Another sheaf command \(process \d+\) writes to .*out\.bin/,
    );
    Object.assign(server.behaviour, { content: randomBytes(1000), etag: '"two"' });
    await writeFile(at('.out.bin.notes.part'), 'mine');
    await save();
    expect((await readdir(folder)).sort()).toEqual(
      [draft, `${draft}.lock`, '.out.bin.notes.part', 'out.bin'].sort(),
    );
    await unlock();
  });

  it('begins anew where nothing tells one content from another', async () => {
    server.behaviour.etag = undefined;
    const controller = new AbortController();
    const { signal } = controller;
    const onBytes = () => controller.abort(new Error('stopped'));
    await expect(save('out.bin', { signal, onBytes })).rejects.toThrow('stopped');
    expect(await readdir(folder)).toEqual([]);
    await save();
    expect((await readFile(at('out.bin'))).equals(CONTENT)).toBe(true);
  });

  it.each([
    ['too long', async (draft: string) => writeFile(draft, randomBytes(600_000))],
    [
      'a link that somebody put there',
      async (draft: string) => {
        await rm(draft);
        await writeFile(at('elsewhere'), 'mine');
        await symlink(at('elsewhere'), draft);
      },
    ],
  ])('begins anew where the draft is %s', async (_, change) => {
    await change(at(await leaveHalf()));
    await save();
    expect((await readFile(at('out.bin'))).equals(CONTENT)).toBe(true);
    const others = (await readdir(folder)).filter((name) => name !== 'out.bin');
    for (const name of others) expect(await readFile(at(name), 'utf8')).toBe('mine');
  });

  it('does not replace a file that appears meanwhile, and keeps what came', async () => {
    const onBytes = () => void writeFile(at('out.bin'), 'mine');
    await expect(save('out.bin', { onBytes })).rejects.toThrow(
      /out\.bin was made by somebody meanwhile\. What was downloaded is kept as .*\.part/,
    );
    expect(await readFile(at('out.bin'), 'utf8')).toBe('mine');
    await rm(at('out.bin'));
    await save();
    expect(await readdir(folder)).toEqual(['out.bin']);
  });

  it('replaces a file when it is told to, but no folder', async () => {
    await writeFile(at('out.bin'), 'mine');
    await save('out.bin', { force: true });
    expect((await readFile(at('out.bin'))).equals(CONTENT)).toBe(true);
    await mkdir(at('folder'));
    await writeFile(at('folder/file'), 'mine');
    await expect(save('folder', { force: true })).rejects.toThrow(/folder is a folder/);
    expect(await readdir(at('folder'))).toEqual(['file']);
  });

  it('may have as long a name as the disk takes', async () => {
    const name = `${'ä'.repeat(125)}.bin`;
    await save(name);
    expect(await readdir(folder)).toEqual([name]);
  });
});

describe('an archive that is saved', () => {
  it('is read back whole', async () => {
    server.behaviour.content = await archiveOf({ 'a.docx': 'A', 'b.docx': 'B' });
    expect(await saveZip()).toMatchObject({ documents: 2 });
    expect(await readdir(folder)).toEqual(['out.zip']);
  });

  it.each([
    ['content', 'Ann Example'],
    ['hash', /,[0-9a-f]{64}\n/],
  ])('leaves nothing when its %s is damaged', async (_, what) => {
    const bytes = await archiveOf({ 'a.docx': 'Ann Example' });
    const place = bytes.toString('latin1').search(what);
    bytes.writeUInt8((bytes[place + 1] ?? 0) ^ 1, place + 1);
    server.behaviour.content = bytes;
    await expect(saveZip()).rejects.toThrow(/^The archive is damaged at (a\.docx|_manifest\.csv)/);
    expect(await readdir(folder)).toEqual([]);
  });

  it('leaves nothing when a hash of the manifest differs, whatever the checksums say', async () => {
    const bytes = await archiveOf({ 'a.docx': 'Ann Example' });
    const line = /_manifest\.csv(\ufeff[^]*?\n[^]*?\n)/.exec(bytes.toString('utf8'))?.[1] ?? '';
    const forged = line.replace(/[0-9a-f](?=\n$)/, (digit) => (digit === '0' ? '1' : '0'));
    server.behaviour.content = craftZip([
      { name: 'a.docx', content: 'Ann Example' },
      { name: '_manifest.csv', content: forged },
    ]);
    await expect(saveZip()).rejects.toThrow(/damaged at a\.docx/);
    expect(await readdir(folder)).toEqual([]);
  });
});
