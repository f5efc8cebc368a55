/**
 * `npm start`. Bundles local/main.ts, which takes a tenth of a second, and runs the bundle: with a
 * TypeScript loader in the process the local cloud would take 80 MB more and start more slowly
 * (docs/adr/0025-functions-in-worker-threads.md).
 */
require('../preflight.cjs');
const { mkdirSync, renameSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { pathToFileURL } = require('node:url');

// Otherwise esbuild would wait in a thread and a process, 40 MB, for more to do.
process.env.ESBUILD_WORKER_THREADS = '0';
const { buildSync } = require('esbuild');

const folder = join(__dirname, '..', 'build', 'local-cloud');
const [bundle] = buildSync({
  absWorkingDir: join(__dirname, '..'),
  entryPoints: ['local/main.ts'],
  outdir: folder,
  bundle: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  sourcemap: 'inline',
  sourcesContent: false,
  write: false,
}).outputFiles;

// Moved into place whole, as another start may be reading the one before.
const path = join(folder, 'main.mjs');
mkdirSync(folder, { recursive: true });
writeFileSync(`${path}.${process.pid}`, bundle.contents);
renameSync(`${path}.${process.pid}`, path);

// Shows places in the sources when something fails.
process.setSourceMapsEnabled(true);
void import(pathToFileURL(path).href);
