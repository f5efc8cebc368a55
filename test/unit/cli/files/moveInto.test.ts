import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { moveInto } from '../../../../cli/files/moveInto.ts';

/** Another disk than that of temporary files, on most of Linux. */
const MEMORY = '/dev/shm';
const hasTwoDisks = existsSync(MEMORY) && (await stat(MEMORY)).dev !== (await stat(tmpdir())).dev;

let here: string;
let there: string;
beforeEach(async () => {
  here = await mkdtemp(join(tmpdir(), 'sheaf-move-'));
  there = await mkdtemp(join(hasTwoDisks ? MEMORY : tmpdir(), 'sheaf-move-'));
  await writeFile(join(here, '0'), 'whole');
});
afterEach(async () => {
  for (const folder of [here, there]) await rm(folder, { recursive: true });
});

const skipped = hasTwoDisks ? '' : ' (skipped: there is one disk alone)';

describe.skipIf(!hasTwoDisks)(`onto another disk${skipped}`, () => {
  const move = (mayReplace: boolean) =>
    moveInto(join(here, '0'), join(there, 'a.docx'), mayReplace);

  it.each([true, false])('moves, and leaves nothing else (may replace: %s)', async (mayReplace) => {
    expect(await move(mayReplace)).toBe(true);
    expect(await readFile(join(there, 'a.docx'), 'utf8')).toBe('whole');
    expect([await readdir(here), await readdir(there)]).toEqual([[], ['a.docx']]);
  });

  it('leaves what is there and the draft alone, unless it may replace it', async () => {
    await writeFile(join(there, 'a.docx'), 'of somebody');
    expect(await move(false)).toBe(false);
    expect(await readFile(join(there, 'a.docx'), 'utf8')).toBe('of somebody');
    expect([await readdir(here), await readdir(there)]).toEqual([['0'], ['a.docx']]);
    expect(await move(true)).toBe(true);
    expect(await readFile(join(there, 'a.docx'), 'utf8')).toBe('whole');
  });
});
