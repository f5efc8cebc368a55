import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import {
  DATA_PROBLEMS,
  FAILURES,
  FINDINGS,
  PROBLEMS,
  TEMPLATE_FAULTS,
} from '../../../shared/problems.ts';
import { loadTexts } from '../../../web/texts/languages.ts';
import type { TextFile } from '../../../web/texts/texts.ts';

const WEB = fileURLToPath(new URL('../../../web', import.meta.url));

/** Every text with its path; of a function, its source. */
function* textsOf(catalogue: object, path = ''): Generator<readonly [string, string]> {
  for (const [key, value] of Object.entries(catalogue) as [string, unknown][]) {
    if (typeof value === 'string') yield [path + key, value];
    else if (typeof value === 'function') yield [path + key, String(value)];
    else yield* textsOf(value as object, `${path}${key}.`);
  }
}
const FILES = Object.keys({
  first: true,
  lists: true,
  parts: true,
  reasons: true,
  settings: true,
  task: true,
  wizard: true,
} satisfies Record<TextFile, true>) as TextFile[];
const english = new Map(textsOf(await loadTexts('en', FILES)));
const chinese = new Map(textsOf(await loadTexts('zh', FILES)));

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

  it('has in Chinese the marks of Chinese, which are as wide as its letters', () => {
    const narrow =
      /\p{Script=Han}[”’」》] ?[:,;?!()]|\p{Script=Han} ?[:,;?!()]|[:,;?!()] ?\p{Script=Han}/u;
    for (const [path, text] of chinese) {
      // Of a function, what it writes; a value in it is taken for a word.
      const written = text.includes('=>')
        ? [...text.matchAll(/(['"`])(.*?)\1/gs)].map(([, , literal = '']) => literal)
        : [text];
      for (const one of written) {
        const said = one.replaceAll(/\$\{[^{}]*\}/g, '字');
        expect.soft(said, path).not.toMatch(narrow);
        expect.soft(said, path).not.toMatch(/\p{Script=Han}\.(?!\w)|\.\.\./u);
      }
    }
  });

  it('is joined to others by the marks of its language', () => {
    for (const source of sources) {
      expect
        .soft(
          source.match(
            />\s*[:,;] ?\{.*|.*\}[:,;] ?\$\{(?:words|texts|found)\b.*|.*(?:words|texts)\.[\w.]+\}[:,;].*/g,
          ),
        )
        .toBeNull();
    }
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

describe('every code that the service gives', () => {
  it.each([
    ['refusals', PROBLEMS],
    ['failures.what', FAILURES],
    ['reasons.findings', FINDINGS],
    ['reasons.faults', TEMPLATE_FAULTS],
    ['reasons.problems', DATA_PROBLEMS],
  ])('has a text in each language: %s', (group, registry) => {
    const codes = Object.keys(registry).sort();
    for (const [texts, script] of [
      [english, /^[A-Z]/],
      [chinese, /\p{Script=Han}{2}/u],
    ] as const) {
      const own = [...texts].filter(([path]) => path.startsWith(`${group}.`));
      expect(own.map(([path]) => path.slice(group.length + 1)).sort()).toEqual(codes);
      for (const [path, text] of own) expect.soft(text, path).toMatch(script);
    }
  });
});

/** Modules that run where one does, by their paths in web/; not those of `without`, and what only they need. */
function modulesOf(entry: string, without?: string): Set<string> {
  const found = new Set<string>();
  const visit = (path: string) => {
    if (found.has(path) || path === without || !/^[^.].*\.tsx?$/.test(path)) return;
    found.add(path);
    const source = readFileSync(join(WEB, path), 'utf8');
    const imports = /^(?:import|export) (?!type )[^;]*?'(\.[^']+)';|import\('(\.[^']+)'\)/gm;
    for (const [, fixed, later] of source.matchAll(imports)) {
      visit(relative(WEB, join(WEB, dirname(path), fixed ?? later ?? '')));
    }
  };
  visit(entry);
  return found;
}

/** Groups of texts that a module takes: `texts.tasks`, or `{ tasks } = useApp().texts`. */
function groupsOf(path: string): string[] {
  const source = readFileSync(join(WEB, path), 'utf8');
  const named = [...source.matchAll(/\btexts\.(?!ts\b)(\w+)/g)].map(([, group = '']) => group);
  const taken = [...source.matchAll(/\{([^{}]*)\} = (?:\w+\(\)\.)?texts;/g)].flatMap(
    ([, groups = '']) => groups.split(',').map((group) => group.split(':')[0]?.trim() ?? ''),
  );
  return [...named, ...taken];
}

describe('a page', () => {
  const PLACES = 'app/places.ts';
  const source = readFileSync(join(WEB, PLACES), 'utf8');
  const named = [
    ...source.matchAll(/texts: \[([^\]]*)\],\s*load:[^(]*\(\) => \(await import\('\.\.\/([^']+)'/g),
  ];
  const pages = named.map(
    ([, files = '', entry = '']) => [entry, [...files.matchAll(/\w+/g)].map(String)] as const,
  );

  it('names the files that hold all of its texts, and no other', async () => {
    expect(pages.map(([entry]) => entry)).toEqual(
      [...source.matchAll(/import\('\.\.\/([^']+)'/g)].map(([, entry]) => entry),
    );
    const fileOf = new Map<string, TextFile>();
    for (const file of FILES) {
      const { [file]: texts } = (await import(`../../../web/texts/en/${file}.ts`)) as Record<
        string,
        object
      >;
      for (const group of Object.keys(texts ?? {})) fileOf.set(group, file);
    }
    const filesOf = (entry: string, without?: string) => {
      const groups = [...modulesOf(entry, without)].flatMap(groupsOf);
      expect(groups.length, entry).toBeGreaterThan(5);
      return [...new Set(groups.map((group) => fileOf.get(group) ?? group))].sort();
    };
    expect(filesOf('main.ts', PLACES)).toEqual(['first']);
    for (const [entry, files] of pages) {
      expect.soft(filesOf(entry, PLACES), entry).toEqual(['first', ...files].sort());
    }
  });
});
