/** The console as it is built: how much a first visit loads, and of what. */
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { LANGUAGES } from '../../../web/texts/languages.ts';
import { buildConsole, digestOf, type ConsoleFiles } from '../../../infra/console/consoleFiles.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
/** Of script, as CloudFront sends it, in bytes. */
const MAX_FIRST_LOAD = 90_000;

let files: ConsoleFiles;
let page: string;
beforeAll(async () => {
  files = await buildConsole(ROOT);
  page = Buffer.from(files.get('index.html') ?? []).toString();
});
const textOf = (path: string) => Buffer.from(files.get(path) ?? []).toString();

describe('the page', () => {
  it('names files that are there, and nobody else', () => {
    const named = [...page.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, path = '']) => path);
    expect(named.filter((path) => !files.has(path))).toEqual([]);
    expect(named.length).toBeGreaterThan(3);
  });

  it('has no script and no style within, which its policy forbids', () => {
    expect(page).not.toMatch(/<script(?![^>]*src=)|<style|\son\w+=|\sstyle=/);
    expect(page).not.toContain('%');
  });

  it('loads less than 90 KB of script at a first visit, in either language', () => {
    const first = [...page.matchAll(/(?:src|href)="([^"]*\.js)"/g)].map(([, path = '']) => path);
    const sizeOf = (path: string) => gzipSync(files.get(path) ?? '', { level: 6 }).length;
    const base = first.reduce((sum, path) => sum + sizeOf(path), 0);
    const texts = [...files.keys()].filter((path) => /^assets\/first-\w+\.js$/.test(path));
    expect(texts).toHaveLength(LANGUAGES.length);
    for (const path of texts) expect(base + sizeOf(path)).toBeLessThan(MAX_FIRST_LOAD);
    expect(base).toBeGreaterThan(30_000);
  });

  it('asks at once for what its texts need, whichever language they will be in', () => {
    const texts = [...files.keys()].filter((path) => /^assets\/first-\w+\.js$/.test(path));
    for (const path of texts) {
      const needed = [...textOf(path).matchAll(/from"\.\/([^"]+)"/g)].map(([, name]) => name);
      expect(needed.length).toBeGreaterThan(0);
      for (const name of needed) expect(page).toContain(`href="assets/${name}"`);
    }
  });
});

describe('the files', () => {
  it('are named by what is in them, so that they can be kept for ever', () => {
    const assets = [...files.keys()].filter((path) => path.startsWith('assets/'));
    for (const path of assets) expect(path).toMatch(/-[A-Z0-9]{8}\.(js|css)$/);
  });

  it('are the same when they are built again', async () => {
    expect(digestOf(await buildConsole(ROOT))).toBe(digestOf(files));
  });

  it('have another digest when one is another', () => {
    const digest = digestOf(files);
    expect(digestOf(new Map([...files, ['index.html', Buffer.from('x')]]))).not.toBe(digest);
    expect(digestOf(new Map([...files, ['more.txt', Buffer.from('')]]))).not.toBe(digest);
  });

  it('make no code of text', () => {
    for (const path of files.keys()) {
      if (!path.endsWith('.js')) continue;
      // Zod asks whether it may, and is told not to before it does (web/main.ts).
      const code = textOf(path).replaceAll(/new \w+\(""\)/g, '');
      expect.soft(code, path).not.toMatch(/\beval\(|\bnew Function\(/);
    }
  });

  it('come with the licences of the packages in them', () => {
    expect(textOf('licences.txt')).toMatch(/^preact\n[^]*^zod\n/m);
  });

  it('have the example', () => {
    expect(files.has('examples/offer-letter.docx')).toBe(true);
    expect(files.has('examples/people.csv')).toBe(true);
  });
});
