/** What a cloud assembly depends on, as one hash. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Everything that the synthesized template and the bundles are made of, relative to the project. */
export const SOURCES = [
  'infra',
  'functions',
  'shared',
  'client',
  'web',
  'examples/offer-letter.docx',
  'examples/people.csv',
  'local/cloudFormation/assembly',
  'local/lambda',
  'local/time.ts',
  'cdk.json',
  'package-lock.json',
  'tsconfig.json',
];

/** SHA-256 in hex over names and contents; the same sources give the same value on any machine. */
export async function fingerprint(root: string): Promise<string> {
  const paths = (await Promise.all(SOURCES.map((source) => filesOf(root, source)))).flat().sort();
  const contents = await Promise.all(paths.map((path) => readFile(join(root, path))));
  const hash = createHash('sha256');
  paths.forEach((path, i) => {
    const content = contents[i] ?? Buffer.alloc(0);
    hash.update(`${path}\0${content.length}\0`).update(content);
  });
  return hash.digest('hex');
}

/** Paths of the files at or below `path`, relative to `root`, with / on every system. */
async function filesOf(root: string, path: string): Promise<string[]> {
  const entries = await readdir(join(root, path), { withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOTDIR') return undefined;
      throw error;
    },
  );
  if (!entries) return [path];
  const nested = await Promise.all(entries.map((entry) => filesOf(root, `${path}/${entry.name}`)));
  return nested.flat();
}
