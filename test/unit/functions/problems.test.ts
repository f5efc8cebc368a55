import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { problemsPage } from '../../../functions/api/problemsPage.ts';
import { DATA_PROBLEMS, FAILURES, PROBLEMS, TEMPLATE_FAULTS } from '../../../shared/problems.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** Codes that clients are told of, and that the gateway or what is to come raises. */
const RESERVED = new Set(['FORBIDDEN', 'LIMIT_EXCEEDED']);

const sources = ['shared', 'functions']
  .flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => join(folder, file)),
  )
  .filter((file) => file !== join('shared', 'problems.ts'))
  .map((file) => readFileSync(join(ROOT, file), 'utf8'))
  .join('\n');

describe('the registry of problems', () => {
  it.each(Object.entries({ PROBLEMS, FAILURES, TEMPLATE_FAULTS, DATA_PROBLEMS }))(
    'declares no code in %s that nothing raises',
    (_name, codes) => {
      const unraised = Object.keys(codes).filter((code) => !sources.includes(`'${code}'`));
      expect(unraised.filter((code) => !RESERVED.has(code))).toEqual([]);
    },
  );

  it('is docs/problems.md: run `npm run openapi` after a change', () => {
    expect(readFileSync(join(ROOT, 'docs/problems.md'), 'utf8') === problemsPage()).toBe(true);
  });
});
