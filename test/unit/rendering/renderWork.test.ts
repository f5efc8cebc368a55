import { describe, expect, it } from 'vitest';
import { compileTemplate } from '../../../shared/rendering/compileTemplate.ts';
import { loadFiles, parseParts } from '../../../shared/rendering/docxtemplater.ts';
import { measureTemplate, needsTimeLimit } from '../../../shared/rendering/renderWork.ts';
import { TimeExceeded, withTimeLimit } from '../../../shared/rendering/timeLimit.ts';
import { openWordPackage } from '../../../shared/office/wordPackage.ts';
import { paragraphs, wordFile } from '../../support/wordFile.ts';

const LIMIT_MS = 30_000;
const BREAK_UNITS = 100;

function workOf(body: string) {
  const { parts } = parseParts(loadFiles(openWordPackage(wordFile(body))));
  return measureTemplate(parts.values());
}

describe('needsTimeLimit', () => {
  const letter = workOf(paragraphs('Dear {name},', '{#items}', '{name}', '{/items}'));

  it('leaves rows unwatched that cannot take long', () => {
    expect(
      needsTimeLimit(
        letter,
        BREAK_UNITS,
        { name: 'Ana', items: [{ name: 'A' }, { name: 'B' }] },
        LIMIT_MS,
      ),
    ).toBe(false);
    expect(needsTimeLimit(letter, BREAK_UNITS, { name: 'x'.repeat(10_000) }, LIMIT_MS)).toBe(false);
  });

  it('watches long lists, long texts and lists in lists', () => {
    expect(
      needsTimeLimit(
        letter,
        BREAK_UNITS,
        { items: Array.from({ length: 50_000 }, () => 'x') },
        LIMIT_MS,
      ),
    ).toBe(true);
    expect(needsTimeLimit(letter, BREAK_UNITS, { name: 'x'.repeat(4_000_000) }, LIMIT_MS)).toBe(
      true,
    );
    expect(
      needsTimeLimit(
        letter,
        BREAK_UNITS,
        { name: Array.from({ length: 9_000 }, () => 'x'.repeat(1_000)) },
        LIMIT_MS,
      ),
    ).toBe(true);
    const nested = workOf(paragraphs('{#a}{#a}{#a}{x}{/a}{/a}{/a}'));
    const row = { a: Array.from({ length: 60 }, () => ({ x: 1 })) };
    expect(needsTimeLimit(letter, BREAK_UNITS, row, LIMIT_MS)).toBe(false);
    expect(needsTimeLimit(nested, BREAK_UNITS, row, LIMIT_MS)).toBe(true);
  });

  it('watches every row when the limit is short', () => {
    expect(needsTimeLimit(letter, BREAK_UNITS, {}, 999)).toBe(true);
  });

  it('stops lists in lists, too', () => {
    const compiled = compileTemplate(wordFile(paragraphs('{#a}{#a}{#a}{#a}{x}{/a}{/a}{/a}{/a}')));
    const result = compiled.render(
      { a: Array.from({ length: 100 }, () => ({ x: 1 })) },
      { missingValue: 'empty', timeoutMs: 1_000 },
    );
    expect(result).toMatchObject({ ok: false, failure: { code: 'TIMEOUT' } });
  });
});

describe('withTimeLimit', () => {
  it('passes results and errors on', () => {
    expect(withTimeLimit(1_000, () => 7)).toBe(7);
    expect(withTimeLimit(1_000, () => undefined)).toBeUndefined();
    const error = new Error('mine');
    expect(() =>
      withTimeLimit(1_000, () => {
        throw error;
      }),
    ).toThrow(error);
  });

  it('stops what would never end, even where it catches everything', () => {
    const forever = () => {
      for (;;) {
        try {
          JSON.parse('{');
        } catch {
          // Goes on.
        }
      }
    };
    expect(() => withTimeLimit(5, forever)).toThrow(TimeExceeded);
    expect(withTimeLimit(1_000, () => 'again')).toBe('again');
  });
});
