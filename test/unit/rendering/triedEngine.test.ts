import { afterEach, describe, expect, it, vi } from 'vitest';
import { openWordPackage } from '../../../shared/office/wordPackage.ts';
import { chooseEngine } from '../../../shared/rendering/chooseEngine.ts';
import { readTags } from '../../../shared/rendering/tags/readTags.ts';
import type { Engine } from '../../../shared/schemas/common.ts';
import { paragraphs, wordFile } from '../../support/wordFile.ts';

const LETTER = wordFile(paragraphs('Dear {name},', '{#items}', '{what}', '{/items}'));
const OPTIONS = { missingValue: 'empty', timeoutMs: 10_000 } as const;
const ROW = { name: 'Ana', items: [{ what: 'one' }, { what: 'two' }] };

function engineOf(known?: Engine) {
  const template = openWordPackage(LETTER);
  return chooseEngine(template, readTags(template), known && { known });
}

describe('an engine that was tried on a template before', () => {
  it.each([
    { tier: 'compiled', reasons: [] },
    { tier: 'reused-parse', reasons: ['as it was found'] },
    { tier: 'stock', reasons: ['as it was found'] },
  ] as const)('is taken without being tried again: $tier', (known) => {
    const engine = engineOf({ ...known, reasons: [...known.reasons] });
    expect(engine.engine).toEqual(known);
    expect(engine.render(ROW, OPTIONS).ok).toBe(true);
  });
});

describe('what another process tried', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.resetModules();
  });

  /** compileTemplate as a bundle of this build has it. */
  async function compileOf(build: string | undefined) {
    vi.resetModules();
    if (build !== undefined) vi.stubGlobal('SHEAF_ENGINE_BUILD', build);
    const { compileTemplate } = await import('../../../shared/rendering/compileTemplate.ts');
    return compileTemplate;
  }

  it.each([
    { build: 'build 1', trusted: true },
    { build: 'build 2', trusted: false },
    { build: undefined, trusted: false },
  ])('counts for a process of the same build only: $build', async ({ build, trusted }) => {
    const compile = await compileOf(build);
    const engine: Engine = { tier: 'stock', reasons: ['as it was found'] };
    expect(compile(LETTER, { tried: { build: 'build 1', engine } }).engine).toEqual(
      trusted ? engine : { tier: 'compiled', reasons: [] },
    );
  });

  it('does not count where empty paragraphs go, for it was tried with them', async () => {
    const compile = await compileOf('build 1');
    const tried = { build: 'build 1', engine: { tier: 'stock', reasons: ['as found'] } as Engine };
    const { engine } = compile(LETTER, { tried, emptyParagraphs: 'remove' });
    expect(engine.tier).toBe('compiled');
  });
});
