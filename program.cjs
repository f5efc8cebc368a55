/**
 * Runs a program of this project that is written in TypeScript. It is bundled, whole but for native
 * modules, when one of its sources has changed, and loaded with the code that V8 compiled for the run
 * before: a TypeScript loader in the process would take 80 MB more and a second more
 * (docs/adr/0025-functions-in-worker-threads.md, docs/adr/0047-two-passes-and-a-code-cache.md).
 */
const {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} = require('node:fs');
const { join, relative } = require('node:path');

/** The process's own stays as it is. */
const root = __dirname;
const folder = join(root, 'build', 'programs');
const LOADER = 'loadBundle';
const LOADER_SOURCE = 'local/lambda/loadBundle.ts';

/** What has to be a file of its own at run time: it starts a program, or loads native code. */
const EXTERNAL = ['esbuild', 'level', 'classic-level'];

/** Files of esbuild's own, to be written to `folder`, and the sources that it read. */
function build(entry, name) {
  // Otherwise esbuild would wait in a thread and a process, 40 MB, for more to do.
  process.env.ESBUILD_WORKER_THREADS = '0';
  const { buildSync } = require('esbuild');
  const { outputFiles, metafile } = buildSync({
    absWorkingDir: root,
    entryPoints: { [name]: entry, [LOADER]: LOADER_SOURCE },
    outdir: folder,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    external: EXTERNAL,
    platform: 'node',
    format: 'cjs',
    target: 'node20.19',
    define: { 'import.meta.dirname': '__dirname' },
    logOverride: { 'empty-import-meta': 'error' },
    sourcemap: 'linked',
    sourcesContent: false,
    metafile: true,
    write: false,
    logLevel: 'error',
  });
  return { outputFiles, sources: Object.keys(metafile.inputs) };
}

/** What shows that a file is as it was. */
function stampOf(source) {
  try {
    const { mtimeMs, size } = statSync(join(root, source));
    return `${mtimeMs} ${size}`;
  } catch {
    return 'gone';
  }
}

const OWN_SOURCE = relative(root, __filename);
const stampsPath = (name) => join(folder, `${name}.json`);

/** Whether the bundle that is there was made of the sources as they are. */
function isFresh(name) {
  try {
    const stamps = Object.entries(JSON.parse(readFileSync(stampsPath(name), 'utf8')));
    return stamps.every(([source, stamp]) => stampOf(source) === stamp);
  } catch {
    return false; // There is none yet, or half of one.
  }
}

/** Whether the process that was writing this file is gone. */
function isLeftOver(name) {
  const [, pid] = /\.(\d+)\.part$/.exec(name) ?? [];
  if (pid === undefined) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}

/** Moves a file into place whole, as another start may be reading the one before. */
function write(path, contents) {
  const own = `${path}.${process.pid}.part`;
  try {
    writeFileSync(own, contents);
    renameSync(own, path);
  } catch (error) {
    rmSync(own, { force: true });
    throw error;
  }
}

/** Makes the bundle. Whether it could be written. */
function make(entry, name) {
  // Before they are read: what changes meanwhile shows at the next start.
  const before = Date.now();
  const { outputFiles, sources } = build(entry, name);
  const stamps = Object.fromEntries(
    [...sources, OWN_SOURCE].map((source) => [
      source,
      statSync(join(root, source)).mtimeMs < before ? stampOf(source) : 'changed meanwhile',
    ]),
  );
  try {
    mkdirSync(folder, { recursive: true });
    for (const file of readdirSync(folder)) {
      if (isLeftOver(file)) rmSync(join(folder, file), { force: true });
    }
    for (const { path, contents } of outputFiles) write(path, contents);
    write(stampsPath(name), JSON.stringify(stamps));
    return true;
  } catch (error) {
    process.stderr.write(
      `Sheaf is built in ${folder}, which cannot be written (${error.code}). ` +
        'Make room there, or let this user write it.\n',
    );
    return false;
  }
}

/** Runs the program whose source begins in `entry`, with its bundle kept under `name`. */
module.exports = (entry, name) => {
  if (!isFresh(name) && !make(entry, name)) {
    process.exitCode = 1;
    return;
  }
  // Shows places in the sources when something fails.
  process.setSourceMapsEnabled(true);
  const { loadBundle } = require(join(folder, `${LOADER}.cjs`));
  const { keepCode } = loadBundle(join(folder, `${name}.cjs`));
  // By then V8 has compiled what the program uses.
  process.once('exit', keepCode);
};
