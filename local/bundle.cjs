/**
 * Bundles a program of local/, which takes a tenth of a second, and runs the bundle: with a TypeScript
 * loader in the process the local cloud would take 80 MB more and start more slowly
 * (docs/adr/0025-functions-in-worker-threads.md).
 */
const { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { pathToFileURL } = require('node:url');

// Otherwise esbuild would wait in a thread and a process, 40 MB, for more to do.
process.env.ESBUILD_WORKER_THREADS = '0';
const { buildSync } = require('esbuild');

const folder = join(__dirname, '..', 'build', 'local-cloud');

/** The bundle of a program whose source begins in `entry`. */
const build = (entry) =>
  buildSync({
    absWorkingDir: join(__dirname, '..'),
    entryPoints: [entry],
    outdir: folder,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    sourcemap: 'inline',
    sourcesContent: false,
    write: false,
  }).outputFiles[0].contents;

/** Whether the process that was writing this file is gone. */
function isLeftOver(name) {
  const [, pid] = /\.mjs\.(\d+)$/.exec(name) ?? [];
  if (pid === undefined) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}

/** Writes the bundle and moves it into place whole, as another start may be reading the one before. */
function writeBundle(path, contents) {
  const own = `${path}.${process.pid}`;
  try {
    mkdirSync(folder, { recursive: true });
    for (const name of readdirSync(folder)) {
      if (isLeftOver(name)) rmSync(join(folder, name), { force: true });
    }
    writeFileSync(own, contents);
    renameSync(own, path);
    return true;
  } catch (error) {
    process.stderr.write(
      `The local cloud is built in ${folder}, which cannot be written (${error.code}). ` +
        'Make room there, or let this user write it.\n',
    );
    try {
      rmSync(own, { force: true });
    } catch {
      // It was never written.
    }
    return false;
  }
}

/** Builds the program whose source begins in `entry`, as the file `name`, and runs it. */
module.exports = (entry, name) => {
  const path = join(folder, name);
  if (writeBundle(path, build(entry))) {
    // Shows places in the sources when something fails.
    process.setSourceMapsEnabled(true);
    void import(pathToFileURL(path).href);
  } else {
    process.exitCode = 1;
  }
};
