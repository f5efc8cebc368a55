import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { en } from '../../../web/texts/en.ts';
import { zh } from '../../../web/texts/zh.ts';

const WEB = fileURLToPath(new URL('../../../web', import.meta.url));

/** Every text with its path; of a function, its source. */
function* textsOf(catalogue: object, path = ''): Generator<readonly [string, string]> {
  for (const [key, value] of Object.entries(catalogue) as [string, unknown][]) {
    if (typeof value === 'string') yield [path + key, value];
    else if (typeof value === 'function') yield [path + key, String(value)];
    else yield* textsOf(value as object, `${path}${key}.`);
  }
}
const english = new Map(textsOf(en));
const chinese = new Map(textsOf(zh));

const sources = readdirSync(WEB, { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.tsx?$/.test(path) && !/^texts.(en|zh)/.test(path))
  .map((path) => readFileSync(join(WEB, path), 'utf8'));

/** Texts between tags, and those that are said. */
const WRITTEN =
  />[^<>{}]*[A-Za-z]{2,}[^<>{}=;()]*<\/|(?:aria-label|title|placeholder|alt)="[^"]+"/g;

describe('every text', () => {
  it('is the same in both languages, but for the words', () => {
    expect([...chinese.keys()].sort()).toEqual([...english.keys()].sort());
  });

  it('is in the language of its catalogue', () => {
    for (const [path, text] of chinese) {
      const isText = !text.includes('=>') && /[a-z]{3}/i.test(text);
      if (isText) expect.soft(text, path).not.toBe(english.get(path));
    }
    for (const [path, text] of english) expect.soft(text, path).not.toMatch(/\p{Script=Han}/u);
  });

  it('is used by a page, each', () => {
    const unused = [...english.keys()].filter((path) => {
      const [group, key] = path.split('.').slice(-2);
      // By its name, or one of a group by what a value says.
      const use = new RegExp(`[.']${key}\\b|\\b${key}:|\\.${group}\\[`);
      return !sources.some((source) => use.test(source));
    });
    expect(unused).toEqual([]);
  });

  it('stands in a catalogue, none in code', () => {
    const written = sources.flatMap((source) =>
      [...source.matchAll(WRITTEN)].map(([text]) => text.replace(/^>|<\/$/g, '').trim()),
    );
    // Its own name.
    expect(written.filter((text) => text !== 'Sheaf')).toEqual([]);
  });
});
