/** Documents whose parts were put together from prepared pieces, read by as many programs as are here. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import mammoth from 'mammoth';
import PizZip from 'pizzip';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileTemplate } from '../../../shared/rendering/compileTemplate.ts';
import { readZip } from '../../../shared/zip/reader.ts';
import { header, paragraphs, table, wordFile } from '../../support/wordFile.ts';

const OPTIONS = { missingValue: 'empty', timeoutMs: 30_000 } as const;
const LONG = 'A long text, 王小明, and more & more. '.repeat(60);

/** A document with every way of writing: codes, matches, long values, pieces that zlib compressed. */
function makeDocument(): Uint8Array {
  const prose = Array.from({ length: 3_000 }, (_, i) => `Sentence number ${i * 7919} of many.`);
  const template = wordFile(
    paragraphs('Dear {name},', prose.join(' ')) +
      table(['Item', 'Sum'], ['{#items}{item}', '{sum}{/items}']) +
      paragraphs('{note}', 'End'),
    { parts: { 'word/header1.xml': header(paragraphs('{name} of {company}')) } },
  );
  const compiled = compileTemplate(template);
  expect(compiled.engine.tier).toBe('compiled');
  const items = Array.from({ length: 2_000 }, (_, i) => ({ item: `Item <${i}>`, sum: i * 1.5 }));
  const result = compiled.render({ name: '王 & Co.\nLtd.', note: LONG, items }, OPTIONS);
  if (!result.ok) throw new Error(result.failure.detail);
  return result.document;
}

/** LibreOffice's command, which comes with no package. */
const SOFFICE = 'soffice';
const has = (program: string, ...args: string[]) => spawnSync(program, args).status === 0;
const PYTHON = 'import sys, zipfile; assert zipfile.ZipFile(sys.argv[1]).testzip() is None';
const JAVA =
  'import java.util.zip.*; import java.io.*; class Read { public static void main(String[] a) throws Exception { ZipInputStream z = new ZipInputStream(new FileInputStream(a[0])); while (z.getNextEntry() != null) z.readAllBytes(); } }';

describe('a document of prepared pieces', () => {
  let folder = '';
  let path = '';
  let document: Uint8Array = new Uint8Array();
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'sheaf-readers-'));
    path = join(folder, 'document.docx');
    document = makeDocument();
    writeFileSync(path, document);
    writeFileSync(join(folder, 'Read.java'), JAVA);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is read by zlib and by pako, which share no code', () => {
    const zip = new PizZip(Buffer.from(document));
    const deflated = readZip(document).filter(({ method }) => method === 8);
    expect(deflated.length).toBeGreaterThan(2);
    for (const { name, compressed } of deflated) {
      const byPako = Buffer.from(zip.file(name)?.asUint8Array() ?? []);
      expect(inflateRawSync(compressed).equals(byPako), name).toBe(true);
    }
  });

  it('is read by mammoth', async () => {
    const { value } = await mammoth.extractRawText({ buffer: Buffer.from(document) });
    expect(value).toMatch(/Dear 王 & Co\.\n?Ltd\.,/);
    expect(value).toContain('Item <1999>');
    expect(value).toContain(LONG.trim());
  });

  const readers: [name: string, isHere: boolean, command: string, args: () => string[]][] = [
    ['unzip', has('unzip', '-v'), 'unzip', () => ['-tqq', path]],
    ['7z', has('7z', 'i'), '7z', () => ['t', '-bso0', path]],
    ['Python', has('python3', '--version'), 'python3', () => ['-c', PYTHON, path]],
    ['Java', has('javac', '-version'), 'java', () => [join(folder, 'Read.java'), path]],
  ];
  for (const [name, isHere, command, args] of readers) {
    it.skipIf(!isHere)(
      `is read by ${name}${isHere ? '' : ` (skipped: ${name} is not here)`}`,
      () => {
        execFileSync(command, args(), { stdio: 'pipe' });
      },
    );
  }

  const office = has(SOFFICE, '--version');
  it.skipIf(!office)(
    `is read by LibreOffice${office ? '' : ' (skipped: LibreOffice is not here)'}`,
    () => {
      const profile = `-env:UserInstallation=file://${join(folder, 'profile')}`;
      const args = [profile, '--headless', '--convert-to', 'txt:Text', '--outdir', folder, path];
      execFileSync(SOFFICE, args, { stdio: 'pipe', timeout: 50_000 });
      const text = readFileSync(join(folder, 'document.txt'), 'utf8');
      expect(text).toContain('王 & Co.');
    },
  );
});
