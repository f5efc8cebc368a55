import { describe, expect, it } from 'vitest';
import { openWordPackage } from '../../../shared/office/wordPackage.ts';
import { chooseEngine } from '../../../shared/rendering/chooseEngine.ts';
import { prepareTemplate } from '../../../shared/rendering/prepareTemplate.ts';
import type { CompiledTemplate, RenderOptions } from '../../../shared/rendering/renderer.ts';
import { reusedParseEngine, stockEngine } from '../../../shared/rendering/stockEngine.ts';
import { readTags } from '../../../shared/rendering/tags/readTags.ts';
import type { Row } from '../../../shared/schemas/common.ts';
import { paragraphs, wordFile } from '../../support/wordFile.ts';

const SHORTEST: RenderOptions = { missingValue: 'empty', timeoutMs: 1_000 };
const list = (count: number, item: Row[string] = 1) => Array.from({ length: count }, () => item);
/** A run whose properties take 3,600 characters: so much is written for each line break in it. */
const wideRun = (text: string) =>
  `<w:p><w:r><w:rPr>${'<w:b/>'.repeat(600)}</w:rPr><w:t>${text}</w:t></w:r></w:p>`;

/** The same template in every tier. */
function tiers(body: string): [string, CompiledTemplate][] {
  const template = openWordPackage(wordFile(body));
  const tags = readTags(template);
  const prepared = prepareTemplate(template, tags);
  const compiled = chooseEngine(template, tags);
  expect(compiled.engine.tier).toBe('compiled');
  return [
    ['compiled', compiled],
    ['reused-parse', reusedParseEngine(prepared, [])],
    ['stock', stockEngine(prepared, [])],
  ];
}

describe.each([
  [
    'loops without output',
    paragraphs('{#a}{#b}{#c}{/c}{/b}{/a}'),
    { a: list(2_000), b: list(2_000), c: list(2_000) },
    'TIMEOUT',
  ],
  [
    'loops with output',
    paragraphs('{#a}{#b}{#c}x{/c}{/b}{/a}'),
    { a: list(2_000), b: list(2_000), c: list(2_000) },
    /^(TIMEOUT|TOO_LARGE)$/,
  ],
  [
    'a value that only stock docxtemplater can refuse, behind long loops',
    paragraphs('{#a}{#b}{#c}{/c}{/b}{/a}{o}'),
    { a: list(2_000), b: list(2_000), c: list(2_000), o: {} },
    'TIMEOUT',
  ],
])('%s', (_kind, body, row, code) => {
  it.each(tiers(body))('are stopped: %s', (_tier, engine) => {
    const result = engine.render(row, SHORTEST);
    expect(result).toMatchObject({
      ok: false,
      failure: { code: expect.stringMatching(code) as unknown },
    });
    // What was stopped leaves nothing behind.
    expect(engine.render({}, SHORTEST).ok).toBe(true);
  });
});

describe('line breaks in a run with many properties', () => {
  it.each(tiers(wideRun('{a}')))('count as what is written for them: %s', (_tier, engine) => {
    const row = { a: '\n'.repeat(400_000) };
    expect(engine.render(row, { ...SHORTEST, timeoutMs: 60_000 })).toMatchObject({
      ok: false,
      failure: { code: 'TOO_LARGE' },
    });
  });
});

describe('a row that only stock docxtemplater can fill', () => {
  it('has one time limit, not one for each engine', () => {
    const [[, compiled] = []] = tiers(paragraphs('{#a}{#b}{x}{/b}{/a}{o}'));
    const limits: number[] = [];
    const options: RenderOptions = {
      missingValue: 'empty',
      get timeoutMs() {
        limits.push(1);
        return 60_000;
      },
    };
    const result = compiled?.render({ a: list(150), b: list(150), o: {} }, options);
    expect(result).toMatchObject({ ok: false, failure: { code: 'RENDER_FAILED', tag: 'o' } });
    // Asked whether to watch the row, and once to watch it.
    expect(limits).toHaveLength(2);
  });
});
