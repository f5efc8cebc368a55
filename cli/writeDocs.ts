/** `npm run cli-docs`: writes docs/cli.md. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cliPage } from './docs.ts';
import { createProgram } from './program.ts';
import { treeOf } from './tree.ts';

const program = createProgram({ out: process.stdout, err: process.stderr }, () =>
  Promise.resolve(),
);
const path = join(import.meta.dirname, '..', 'docs', 'cli.md');
writeFileSync(path, cliPage(treeOf(program)));
