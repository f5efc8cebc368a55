import { describe, expect, it } from 'vitest';
import { openWordPackage } from '../../../shared/office/wordPackage.ts';
import { readTags } from '../../../shared/rendering/tags/readTags.ts';
import {
  MAX_SECTION_DEPTH,
  MAX_TEMPLATE_XML_TAGS,
  XML_TAGS_PER_BRACE,
} from '../../../shared/limits.ts';
import { Problem } from '../../../shared/problems.ts';
import {
  header,
  paragraphs,
  runs,
  table,
  wordFile,
  type WordFileOptions,
} from '../../support/wordFile.ts';

const tagsOf = (body: string, options?: WordFileOptions) =>
  readTags(openWordPackage(wordFile(body, options))).tags;

const brief = (body: string) =>
  tagsOf(body).map(({ name, kind, path }) => [...path, `${kind} ${name}`].join(' > '));

function faultsOf(body: string, options?: WordFileOptions) {
  try {
    tagsOf(body, options);
  } catch (error) {
    if (error instanceof Problem) return error.errors;
    throw error;
  }
  return [];
}

describe('readTags', () => {
  it('lists tags in order, with their kind and their sections', () => {
    const body =
      runs('Dear {na', 'me}, ', '{ address.city\u00a0}') +
      paragraphs(
        '{#items}',
        '{name} {#parts}{no}{/parts}',
        '{/items}',
        '{^items}none for {name}{/items}',
      ) +
      table(['{#rows}{.}', '{/rows}']);
    expect(brief(body)).toEqual(
      [
        'value name',
        'value address.city',
        'section items',
        'items > value name',
        'items > section parts',
        'items > parts > value no',
        'inverted items',
        'items > value name',
        'section rows',
        'rows > value .',
      ].filter((line, i, all) => all.indexOf(line) === i),
    );
  });

  it('lists a tag once for each place that reads differently', () => {
    expect(brief(paragraphs('{a} {a} {#s}{a}{a}{/s}{#s}{a}{/s}'))).toEqual([
      'value a',
      'section s',
      's > value a',
    ]);
  });

  it('finds the tags of every part, the text first', () => {
    const tags = tagsOf(paragraphs('{body}'), {
      parts: {
        'docProps/core.xml': {
          type: 'application/vnd.openxmlformats-package.core-properties+xml',
          content:
            '<cp:coreProperties xmlns:cp="c" xmlns:dc="d"><dc:title>{title}</dc:title></cp:coreProperties>',
        },
        'word/header1.xml': header(paragraphs('{top}')),
        'word/footer1.xml': header(paragraphs('{bottom}'), 'ftr'),
      },
    });
    expect(tags.map(({ name, part }) => `${name} ${part}`)).toEqual([
      'body word/document.xml',
      'bottom word/footer1.xml',
      'top word/header1.xml',
      'title docProps/core.xml',
    ]);
  });

  it('finds the text wherever the package says that it is', () => {
    const [tag] = tagsOf(paragraphs('{body}'), { mainPart: 'content/letter.xml' });
    expect(tag?.part).toBe('content/letter.xml');
  });

  it('lists faults of all parts, each with its place', () => {
    const faults = faultsOf(paragraphs('fine', '{a'), {
      parts: { 'word/header1.xml': header(paragraphs('x', 'y', 'b}')) },
    });
    expect(faults.map(({ pointer }) => pointer).sort()).toEqual([
      'word/document.xml, paragraph 2',
      'word/header1.xml, paragraph 3',
    ]);
  });

  it('quotes the text around a fault, but not the whole paragraph', () => {
    const [fault] = faultsOf(paragraphs(`${'before '.repeat(20)}{oops ${'after '.repeat(20)}`));
    expect(fault?.detail).toContain('The tag {oops is opened');
    expect(fault?.detail).toMatch(/near "….{30}\{oops .{0,30}…"/);
  });

  it.each([
    ['no XML at all', 'This is no XML.'],
    ['empty', ''],
    ['two documents', '<w:document><w:body/></w:document><w:document/>'],
    [
      'unescaped',
      '<w:document><w:body><w:p><w:r><w:t>a << b</w:t></w:r></w:p></w:body></w:document>',
    ],
  ])('refuses a main part that is %s', (_, content) => {
    const faults = faultsOf('', { entries: [{ name: 'word/document.xml', content }] });
    expect(faults).toEqual([
      {
        code: 'PART_UNREADABLE',
        pointer: 'word/document.xml',
        detail: 'The part word/document.xml is not well-formed XML. Save the file again with Word.',
      },
    ]);
  });

  it('lists at most a hundred faults and counts the others', () => {
    const faults = faultsOf(paragraphs(...Array.from({ length: 150 }, () => 'a}')));
    expect(faults).toHaveLength(101);
    expect(faults.at(-1)?.detail).toContain('50 more');
  });

  it('refuses more tags than a template can be stored with', () => {
    const body = paragraphs(
      ...Array.from({ length: 4_000 }, (_, i) => `{a_rather_long_name_${i}}`),
    );
    expect(faultsOf(body)[0]?.detail).toMatch(/4000 different tags/);
  });

  it('refuses a tag that no column could be named by', () => {
    expect(faultsOf(paragraphs(`{${'a'.repeat(1_000)}}`))).toEqual([]);
    const [fault] = faultsOf(paragraphs(`{${'a'.repeat(1_001)}}`));
    expect(fault?.detail).toMatch(/^The tag \{a{60}…\} in word\/document.xml is longer/);
  });

  describe('{.}, the item of a list', () => {
    it.each([
      [paragraphs('All', 'see {.} here'), 2],
      [paragraphs('{^list}{.}{/list}'), 1],
      [paragraphs('{#.}{.}{/.}'), 1],
    ])('is refused where no section enters a list: %s', (body, paragraph) => {
      expect(faultsOf(body)).toMatchObject([
        {
          pointer: `word/document.xml, paragraph ${paragraph}`,
          detail: expect.stringMatching(/^The tag \{\.\} .*\{#items\}\{\.\}\{\/items\}/) as unknown,
        },
      ]);
    });

    it('is taken in a section', () => {
      expect(faultsOf(paragraphs('{#list}{^none}{.}{/none}{/list}'))).toEqual([]);
    });
  });

  it('refuses a template of more XML than it may take time for, before reading it', () => {
    const most = MAX_TEMPLATE_XML_TAGS;
    for (const body of ['<w:p/>'.repeat(most), paragraphs('{'.repeat(most / XML_TAGS_PER_BRACE))]) {
      expect(faultsOf(body)).toMatchObject([
        {
          pointer: 'word/document.xml',
          detail: expect.stringMatching(/too large.* XML tags/) as unknown,
        },
      ]);
    }
  });

  it('refuses sections in more others than code may recurse for, and names the first', () => {
    const nested = (count: number) => {
      const names = Array.from({ length: count }, (_, i) => `s${i}`);
      return paragraphs(
        ...names.map((name) => `{#${name}}`),
        'x',
        ...names.reverse().map((name) => `{/${name}}`),
      );
    };
    expect(faultsOf(nested(MAX_SECTION_DEPTH))).toEqual([]);
    expect(faultsOf(nested(MAX_SECTION_DEPTH + 1))).toMatchObject([
      {
        pointer: `word/document.xml, paragraph ${MAX_SECTION_DEPTH + 1}`,
        detail: expect.stringContaining(
          `{#s${MAX_SECTION_DEPTH}} is in ${MAX_SECTION_DEPTH} others`,
        ) as unknown,
      },
    ]);
  });
});
