/** Files of a folder. */
import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { FileSource } from '../../shared/console/publish.ts';

export const createFolderFiles = (folder: string): FileSource => ({
  async list() {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => relative(folder, join(parentPath, name)).split(sep).join('/'));
  },
  read: (path) => readFile(join(folder, path)),
});
