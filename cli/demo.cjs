#!/usr/bin/env node
/**
 * `npm run demo`: `sheaf generate` with the example, or with what is named behind `--`. Two rows of the example
 * fail on purpose: an archive that lists them is a demo that went well.
 */
require('../preflight.cjs');
const { join } = require('node:path');

const own = process.argv.slice(2);
const isOwn = own.some((argument) =>
  /^--(template|data|input-dir|file-list|url-list)(=|$)/.test(argument),
);
const usual = isOwn
  ? [
      '--no-config',
      '--force',
      ...(own.some((argument) => /^--out(=|$)/.test(argument))
        ? []
        : ['--out', 'out/documents.zip']),
    ]
  : ['--config', join(__dirname, '..', 'examples', 'demo.yaml')];
process.argv.splice(2, own.length, 'generate', ...usual, ...own);

const IN_PART = 3;
process.once('exit', () => {
  if (process.exitCode === IN_PART) process.exitCode = 0;
});
require('../program.cjs')('cli/main.ts', 'sheaf');
