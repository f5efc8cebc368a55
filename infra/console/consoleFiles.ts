/** Builds the console with esbuild: one page, its scripts and styles, and the files of its example. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { CONSOLE_FOLDER, HASHED_FOLDER, PAGE } from '../../shared/console/consoleFiles.ts';

/** Browsers of the last years: CSS nesting, AbortSignal.any. */
const TARGET = ['chrome120', 'edge120', 'firefox120', 'safari17.4'];

/** Files that the page offers as an example, relative to the root. */
const EXAMPLES = ['examples/offer-letter.docx', 'examples/people.csv'];

/** Of the packages that are in the scripts. */
const LICENCES = 'licences.txt';

export type ConsoleFiles = ReadonlyMap<string, Uint8Array>;

/**
 * The files of the console, by their paths.
 * @param root the folder that holds web/
 * @throws Error with what esbuild found, and where
 */
export async function buildConsole(root: string): Promise<ConsoleFiles> {
  const outdir = join(root, 'build', CONSOLE_FOLDER);
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: [
      { in: 'web/main.ts', out: 'main' },
      { in: 'web/styles/main.css', out: 'main' },
    ],
    outdir: join(outdir, HASHED_FOLDER),
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    tsconfig: join(root, 'web/tsconfig.json'),
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    target: TARGET,
    minify: true,
    legalComments: 'linked',
    metafile: true,
    write: false,
    logLevel: 'silent',
  });
  const files = new Map<string, Uint8Array>();
  for (const { path, contents } of outputFiles) {
    files.set(relative(outdir, path).split(sep).join('/'), contents);
  }
  for (const path of EXAMPLES) files.set(path, readFileSync(join(root, path)));
  files.set(LICENCES, Buffer.from(licences(root, metafile)));
  files.set('icon.svg', readFileSync(join(root, 'web/icon.svg')));
  const nameOf = (ending: string) =>
    [...files.keys()].find((path) => /\/main-\w+\./.test(path) && path.endsWith(ending)) ?? '';
  const preloads = firstLoad(metafile, nameOf('.js'))
    .map((path) => `<link rel="modulepreload" href="${path}" />`)
    .join('');
  const page = readFileSync(join(root, 'web', PAGE), 'utf8')
    .replace('%STYLE%', nameOf('.css'))
    .replace('%SCRIPT%', nameOf('.js'))
    .replace('%PRELOAD%', preloads);
  files.set(PAGE, Buffer.from(page));
  return files;
}

/** What the licences of packages ask for: their texts, with those who wrote them. */
function licences(root: string, { inputs }: Metafile): string {
  const packages = new Set(
    Object.keys(inputs).flatMap(
      (path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? [],
    ),
  );
  return [...packages]
    .sort()
    .map((name) => `${name}\n\n${licenceOf(join(root, 'node_modules', name))}\n`)
    .join('\n');
}

/** @throws Error where a package has none */
function licenceOf(folder: string): string {
  const file = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name));
  if (file === undefined) throw new Error(`${folder} has no text of its licence.`);
  return readFileSync(join(folder, file), 'utf8').trim();
}

/** The module that shows the page: the script loads it whatever is asked for. */
const START = 'web/app/start.tsx';

/** The texts that a visit begins with, of each language. */
const FIRST_TEXTS = /^web\/texts\/\w+\/first\.ts$/;

/**
 * Scripts that every visit loads, beside the first: fetched along with it, not one after the other. Of the texts, whose
 * language the page learns later, what they need themselves.
 */
function firstLoad({ outputs }: Metafile, main: string): string[] {
  const found = new Set<string>();
  const visit = (path: string) => {
    if (found.has(path)) return;
    found.add(path);
    for (const { path: next, kind } of outputs[path]?.imports ?? []) {
      if (kind === 'import-statement' || outputs[next]?.entryPoint === START) visit(next);
    }
  };
  const first = Object.keys(outputs).find((path) => path.endsWith(main));
  if (first !== undefined) visit(first);
  for (const { entryPoint = '', imports } of Object.values(outputs)) {
    if (!FIRST_TEXTS.test(entryPoint)) continue;
    for (const { path, kind } of imports) if (kind === 'import-statement') visit(path);
  }
  return [...found]
    .filter((path) => path !== first)
    .map((path) => `${HASHED_FOLDER}/${path.split('/').at(-1)}`);
}

/** What the files are known by: other contents give another digest. */
export function digestOf(files: ConsoleFiles): string {
  const hash = createHash('sha256');
  for (const path of [...files.keys()].sort()) {
    const bytes = files.get(path) ?? new Uint8Array();
    hash.update(`${path}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest('hex').slice(0, 32);
}

/** Puts the files into `folder`, and removes others from it. */
export function writeConsole(files: ConsoleFiles, folder: string): void {
  const there = existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ parentPath, name }) =>
          relative(folder, join(parentPath, name)).split(sep).join('/'),
        )
    : [];
  for (const path of there) if (!files.has(path)) rmSync(join(folder, path));
  for (const [path, bytes] of files) {
    const target = join(folder, path);
    if (existsSync(target) && readFileSync(target).equals(bytes)) continue;
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, bytes);
  }
}
