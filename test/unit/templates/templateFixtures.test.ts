import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Problem } from '../../../shared/problems.ts';
import { inspectTemplate } from '../../../shared/rendering/compileTemplate.ts';
import { TEMPLATE_FIXTURES } from '../../support/templateFixtures.ts';

const FOLDER = new URL('../../fixtures/templates/', import.meta.url);
const fixture = (name: string) => new URL(`${name}.docx`, FOLDER);

if (process.env.UPDATE_FIXTURES === '1') {
  mkdirSync(FOLDER, { recursive: true });
  for (const [name, make] of Object.entries(TEMPLATE_FIXTURES))
    writeFileSync(fixture(name), make());
}

/** Where each fault is found, and what its message must say. */
const FAULTS: Record<string, readonly (readonly [pointer: string, detail: RegExp])[]> = {
  'empty-file': [['', /file is empty/]],
  'not-a-zip': [['', /not a Word document/]],
  'cut-off': [['', /cut off/]],
  'damaged-directory': [['', /damaged/]],
  'no-word-file': [['', /a ZIP, but no Word document/]],
  'excel-workbook': [['', /Excel workbook.*data source/]],
  'powerpoint-presentation': [['', /PowerPoint.*Only Word documents/]],
  'word-template': [['', /\.dotx.*save it as "Word Document \(\.docx\)"/]],
  'document-with-macros': [['', /macros \(\.docm\)/]],
  'legacy-or-encrypted': [['', /encrypted or a legacy \.doc/]],
  'encrypted-part': [['word/secret.xml', /encrypted/]],
  'compression-method': [['word/media/a.png', /method 12/]],
  'too-many-entries': [['', /5001 entries; a template may hold 5000/]],
  'bomb-by-ratio': [['word/media/a.bmp', /more than 200 times/]],
  'bomb-that-lies': [['word/media/a.bmp', /inflates to more than it declares/]],
  'shared-bytes': [['word/documenu.xml', /damaged/]],
  'two-names': [['WORD/Document.xml', /two entries named/]],
  'absolute-name': [['/etc/passwd', /unsafe name "\/etc\/passwd"/]],
  'parent-name': [['word/../../a', /unsafe name/]],
  'backslash-name': [['word\\a.xml', /unsafe name/]],
  'local-name-differs': [['word/a.txt', /damaged/]],
  checksum: [['word/media/a.png', /checksum/]],
  doctype: [['customXml/item1.xml', /DOCTYPE or ENTITY/]],
  'doctype-utf16': [['customXml/item1', /DOCTYPE or ENTITY/]],
  'main-part-missing': [['', /word\/document\.xml.*missing/]],
  'not-utf8': [['word/document.xml', /not in UTF-8/]],
  'malformed-xml': [['word/document.xml', /not well-formed/]],
  'unclosed-tag': [
    [
      'word/document.xml, paragraph 2',
      /tag \{name, is opened but never closed.*near "Dear \{name, welcome to \{company\}\."/,
    ],
  ],
  'unopened-tag': [
    ['word/document.xml, paragraph 1', /a \} without a \{.*near "Dear name\}, welcome\."/],
  ],
  'double-braces': [
    ['word/document.xml, paragraph 1', /Two \{ follow.*\{name\}/],
    ['word/document.xml, paragraph 1', /Two \} follow/],
  ],
  'unclosed-section': [
    ['word/document.xml, paragraph 1', /section \{#items\} is never closed. Add \{\/items\}/],
  ],
  'unopened-section': [['word/document.xml, paragraph 2', /\{\/items\} has no section to close/]],
  'crossing-sections': [
    ['word/document.xml, paragraph 1', /\{#b\} is closed by \{\/a\}. Sections must not cross/],
  ],
  'section-across-a-table': [
    ['word/document.xml, paragraph 1', /\{#items\} begins and ends at different levels/],
  ],
  'sections-sharing-a-row': [['word/document.xml, paragraph 1', /share a table row.*\{#a\}/]],
  'empty-tag': [['word/document.xml, paragraph 1', /tag \{ \} has no name.*near "Dear \{ \},"/]],
  'empty-section': [['word/document.xml, paragraph 1', /tag \{#\} has no name/]],
  'space-before-sign': [
    ['word/document.xml, paragraph 1', /space before its sign. Write \{\^items\}/],
  ],
  'changed-braces': [['word/document.xml', /begins with \{=/]],
  'raw-tag-in-text': [['word/document.xml, paragraph 1', /\{@name\}.*paragraph of its own/]],
  'item-of-no-list': [['word/document.xml, paragraph 1', /\{\.\} stands for the item of a list/]],
  'many-faults': [
    ['word/document.xml, paragraph 1', /\{one is opened/],
    ['word/document.xml, paragraph 2', /\{\} has no name/],
    ['word/document.xml, paragraph 2', /a \} without a \{/],
    ['word/document.xml, paragraph 3', /\{#three\} is closed by \{\/four\}/],
    ['word/document.xml, paragraph 5', /\{five is opened.*near "<\{five & >"/],
  ],
};

/** Codes and names of files, by what the fixture is about. */
const FIXTURES = Object.fromEntries(
  Object.keys(TEMPLATE_FIXTURES).map((file) => {
    const end = file.indexOf('-');
    return [file.slice(end + 1), { code: file.slice(0, end), file }] as const;
  }),
);
const fileOf = (name: string) => FIXTURES[name]?.file ?? name;

const WARNINGS: Record<string, RegExp> = {
  'no-tags': /no tags/,
  'attached-template':
    /attached to another one, "file:\/\/server\/share\/letters\.dotm", .* are not attached/,
  'macro-project': /macros/,
};

describe('the fixtures', () => {
  it('are those that the script writes', () => {
    expect(readdirSync(FOLDER).sort()).toEqual(
      Object.keys(TEMPLATE_FIXTURES)
        .map((name) => `${name}.docx`)
        .sort(),
    );
    for (const [name, make] of Object.entries(TEMPLATE_FIXTURES)) {
      // Each zlib deflates in its own way; all the others are stored.
      if (name.includes('bomb')) continue;
      expect(readFileSync(fixture(name)).equals(make()), name).toBe(true);
    }
  });

  it('all have an expectation', () => {
    const expected = [...Object.keys(FAULTS), ...Object.keys(WARNINGS)];
    expect(Object.keys(FIXTURES).sort()).toEqual(expected.sort());
  });
});

describe('inspectTemplate', () => {
  it.each(Object.entries(FAULTS))('refuses %s', (fault, expected) => {
    const bytes = readFileSync(fixture(fileOf(fault)));
    let thrown: unknown;
    try {
      inspectTemplate(bytes);
    } catch (error) {
      thrown = error;
    }
    if (!(thrown instanceof Problem)) throw new Error('No problem was raised.', { cause: thrown });
    expect(thrown.code).toBe('TEMPLATE_INVALID');
    expect(thrown.errors.map(({ pointer }) => pointer)).toEqual(
      expected.map(([pointer]) => pointer),
    );
    expected.forEach(([, detail], i) => expect(thrown.errors[i]?.detail).toMatch(detail));
    if (expected.length === 1) expect(thrown.errors[0]?.code).toBe(FIXTURES[fault]?.code);
    expect(thrown.message).toContain(thrown.errors[0]?.detail);
  });

  it.each(Object.entries(WARNINGS))('takes %s with a warning', (name, warning) => {
    const { warnings } = inspectTemplate(readFileSync(fixture(fileOf(name))));
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(warning);
  });
});
