import PizZip from 'pizzip';
import { describe, expect, it } from 'vitest';
import { CreateDataSourceSchema } from '../../../shared/schemas/dataSourceApi.ts';
import { CreateTemplateSchema } from '../../../shared/schemas/templateApi.ts';
import { openWordPackage } from '../../../shared/office/wordPackage.ts';
import { paragraphs, wordFile } from '../../support/wordFile.ts';
import { problemsOf, readPieces, readText } from './support.ts';

async function zip(entries: Record<string, string>): Promise<Buffer> {
  const file = new PizZip();
  for (const [name, content] of Object.entries(entries)) file.file(name, content);
  return file.generate({ type: 'nodebuffer' });
}

const FILES: Record<
  string,
  { bytes: () => Promise<Buffer> | Buffer; data: RegExp; word?: RegExp }
> = {
  'a workbook of Excel': {
    bytes: () => zip({ '[Content_Types].xml': '<Types/>', 'xl/workbook.xml': '<w/>' }),
    data: /Excel workbook.*\.xlsx/,
  },
  'an old workbook of Excel': {
    bytes: () => Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(600)]),
    data: /old Excel workbook.*CSV/,
    word: /legacy \.doc/,
  },
  'a table of LibreOffice': {
    bytes: () => zip({ mimetype: 'application/vnd.oasis.opendocument.spreadsheet' }),
    data: /OpenDocument.*CSV/,
    word: /OpenDocument.*\.docx/,
  },
  'a table of Numbers': {
    bytes: () => zip({ 'Index/Document.iwa': 'x' }),
    data: /Numbers.*CSV/,
    word: /Pages.*\.docx/,
  },
  'a Word document': {
    bytes: () => wordFile(paragraphs('x')),
    data: /Word document.*template/,
  },
  'a ZIP file': { bytes: () => zip({ 'people.csv': 'a' }), data: /ZIP file.*CSV/ },
  'a web page that is called a workbook': {
    bytes: () =>
      Buffer.from('\ufeff\r\n<html xmlns:x="urn:schemas-microsoft-com:office:excel"><table>'),
    data: /web page.*CSV/,
    word: /web page.*\.docx/,
  },
  'a web page in UTF-16': {
    bytes: () => Buffer.from('\ufeff<!DOCTYPE html><table>', 'utf16le'),
    data: /web page.*CSV/,
    word: /web page/,
  },
  'a workbook in XML': {
    bytes: () => Buffer.from('<?xml version="1.0"?><Workbook>'),
    data: /XML.*CSV/,
    word: /XML.*\.docx/,
  },
  'a PDF': { bytes: () => Buffer.from('%PDF-1.7\n'), data: /PDF.*CSV/, word: /PDF.*\.docx/ },
  'an RTF document': {
    bytes: () => Buffer.from('{\\rtf1\\ansi x}'),
    data: /RTF.*CSV/,
    word: /RTF.*\.docx/,
  },
  'a picture': {
    bytes: () => Buffer.from('\x89PNG\r\n', 'latin1'),
    data: /picture/,
    word: /picture/,
  },
  'what 7-Zip compressed': {
    bytes: () => Buffer.from("7z\xbc\xaf'\x1c", 'latin1'),
    data: /compressed.*gzip/,
  },
};

describe.each(Object.entries(FILES))('%s', (_, { bytes, data }) => {
  it.each(['csv', 'json', 'jsonl'] as const)('is told from a table: %s', async (format) => {
    const file = await bytes();
    for (const parts of [[file], Array.from(file, (byte) => Buffer.from([byte]))]) {
      const [problem] = await problemsOf(readPieces(parts, { format }));
      expect(problem).toMatchObject({ code: 'FILE_NOT_TEXT' });
      expect(problem?.detail).toMatch(data);
    }
  });
});

const NO_TEMPLATES = Object.entries(FILES).flatMap(([name, { bytes, word }]) =>
  word ? [{ name, bytes, word }] : [],
);

it.each(NO_TEMPLATES)('$name is told from a template', async ({ bytes, word }) => {
  const file = await bytes();
  expect(() => openWordPackage(file)).toThrow(word);
});

describe('JSON that is called a CSV file', () => {
  it.each([
    '[{"name": "Ann"}]',
    '[\n  {\n    "name": "Ann"\n  }\n]',
    '{"name":"Ann"}\n{"name":"Bob"}',
  ])('is told: %j', async (text) => {
    expect(await problemsOf(readText(text, { format: 'csv' }))).toMatchObject([
      { code: 'FORMAT_WRONG' },
    ]);
  });

  it('is not what only begins like it', async () => {
    const { rows } = await readText('{name},[x]\n1,2\n', { format: 'csv' });
    expect(rows).toEqual([{ '{name}': '1', '[x]': '2' }]);
  });
});

describe('names of files', () => {
  const adviceFor = (
    schema: typeof CreateDataSourceSchema | typeof CreateTemplateSchema,
    fileName: string,
  ) => schema.safeParse({ name: 'x', fileName }).error?.issues[0]?.message;

  it.each([
    ['a.xls', /save it as/],
    ['a.xlsb', /save it as/],
    ['a.ods', /CSV/],
    ['a.numbers', /export/],
    ['a.tsv', /ends in \.csv/],
    ['a.pdf', /no table/],
    ['a.docx', /templates/],
    ['a', /ending in \.csv/],
  ])('say of %s what to do with it as data', (fileName, advice) => {
    expect(adviceFor(CreateDataSourceSchema, fileName)).toMatch(advice);
  });

  it.each([
    ['a.doc', /save it as/],
    ['a.odt', /save it as/],
    ['a.csv', /data source/],
    ['a.xlsx', /data source/],
    ['a.png', /ending in \.docx/],
  ])('say of %s what to do with it as a template', (fileName, advice) => {
    expect(adviceFor(CreateTemplateSchema, fileName)).toMatch(advice);
  });
});
