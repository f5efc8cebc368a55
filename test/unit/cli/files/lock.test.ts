import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UsageError } from '../../../../cli/errors.ts';
import { lockIfFree, takeLock } from '../../../../cli/files/lock.ts';
import { replaceFile } from '../../../../cli/files/replaceFile.ts';

let folder: string;
const at = (name: string) => join(folder, name);
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'sheaf-lock-'))));
afterEach(() => rm(folder, { recursive: true }));

describe('a place that one command writes to', () => {
  it('is taken by one, who is named to the next, and given back', async () => {
    const unlock = await takeLock(at('lock'), 'letters');
    const next = takeLock(at('lock'), 'letters');
    await expect(next).rejects.toBeInstanceOf(UsageError);
    await expect(next).rejects.toThrow(
      `Another sheaf command (process ${process.pid}) writes to letters.`,
    );
    expect(await lockIfFree(at('lock'))).toBeUndefined();
    await unlock();
    await (
      await takeLock(at('lock'), 'letters')
    )();
    expect(await readdir(folder)).toEqual([]);
  });

  it('is taken over from a command that was killed', async () => {
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    await writeFile(at('lock'), JSON.stringify({ pid }));
    await (
      await takeLock(at('lock'), 'letters')
    )();
    expect(await readdir(folder)).toEqual([]);
  });

  it('may have as long a name as the disk takes', async () => {
    const [one, other] = ['a', 'b'].map((end) => at(`${'x'.repeat(249)}${end}.lock`));
    const unlock = await takeLock(one ?? '', 'letters');
    expect(await lockIfFree(one ?? '')).toBeUndefined();
    await (
      await takeLock(other ?? '', 'letters')
    )();
    await unlock();
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('a file that is replaced', () => {
  it('is one or the other, whenever it is read', async () => {
    const texts = ['a', 'b'].map((letter) => letter.repeat(200_000));
    await replaceFile(at('file'), texts[0] ?? '');
    let isDone = false;
    const reading = (async () => {
      while (!isDone) expect(texts).toContain(await readFile(at('file'), 'utf8'));
    })();
    for (let n = 0; n < 50; n++) await replaceFile(at('file'), texts[n % 2] ?? '');
    isDone = true;
    await reading;
    expect(await readdir(folder)).toEqual(['file']);
  });

  it('stays as it was when the next one cannot be written', async () => {
    await expect(replaceFile(at('no/file'), 'x')).rejects.toMatchObject({ code: 'ENOENT' });
    await writeFile(at('file'), 'before');
    await expect(replaceFile(at('file/x'), 'x')).rejects.toMatchObject({ code: 'ENOTDIR' });
    expect(await readFile(at('file'), 'utf8')).toBe('before');
  });
});
