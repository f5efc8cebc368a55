import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SheafClient } from '../../../../client/client.ts';
import { ConnectionFailed } from '../../../../client/errors.ts';
import { createUploads } from '../../../../cli/generate/uploads.ts';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sheaf-uploads-'));
  file = join(folder, 'people.csv');
  await writeFile(file, 'name\nAnn\n');
});
afterEach(() => rm(folder, { recursive: true }));

/** Uploads the file, to an API whose connection breaks when something has happened. */
function upload(happens: () => Promise<unknown>) {
  const uploadDataSource = async () => {
    await happens();
    throw new ConnectionFailed('It broke.');
  };
  const client = { uploadDataSource } as unknown as SheafClient;
  const uploads = createUploads(client, () => undefined, new AbortController().signal);
  return uploads.data(file, {}, 'job');
}

describe('a table that is uploaded', () => {
  it.each([
    ['removed', () => rm(file)],
    ['written to', () => appendFile(file, 'Bob\n')],
  ])('and %s meanwhile is told, instead of the connection that broke by it', async (_, happens) => {
    await expect(upload(happens)).rejects.toThrow(/was changed or removed while it was read/);
  });

  it('and left alone has the connection to blame', async () => {
    await expect(upload(() => Promise.resolve())).rejects.toBeInstanceOf(ConnectionFailed);
  });
});
