import { describe, expect, it } from 'vitest';
import { inspectTemplate } from '../../../shared/rendering/compileTemplate.ts';
import type { Row } from '../../../shared/schemas/common.ts';
import { richWordFile } from '../../support/richWordFile.ts';
import { fillInEveryTier } from '../../support/tiers.ts';
import { paragraphs, wordFile } from '../../support/wordFile.ts';

const textOf = async (template: Buffer, row: Row) => {
  const document = (await fillInEveryTier(template, row)).get('word/document.xml') ?? '';
  return Array.from(document.matchAll(/<w:t(?: [^>]*)?>([^<]*)<\/w:t>/g), ([, text]) => text).join(
    '',
  );
};

describe('sections', () => {
  it.each([
    ['{#our items}{n};{/our\u00a0 items }', 'our items'],
    ["{#client’s}{n};{/client's}", 'client’s'],
    ['{#a-b}{n};{/a\u2011b}', 'a-b'],
    ['{#cafe\u0301}{n};{/caf\u00e9}', 'cafe\u0301'],
    ['{#list}{#on}{n};{/o\u200bn}{/list}', 'list'],
    ['{#list}{n};{/}', 'list'],
    ['{＃list}{n};{／list}', 'list'],
    ['{#list}{n};{/list}{＾none}{/none}', 'list'],
  ])('end where people see their name: %s', async (written, name) => {
    const row = { [name]: [{ n: 1 }, { n: 2 }], on: true };
    expect(await textOf(wordFile(paragraphs(`x${written}`)), row)).toBe('x1;2;');
  });

  it('end so in alternative texts, too', async () => {
    const body =
      '<w:p><w:r><w:drawing><wp:inline><wp:docPr id="1" name="p" descr="a{#our items}{n};{/our\u00a0items}"/></wp:inline></w:drawing></w:r></w:p>';
    const document = (
      await fillInEveryTier(richWordFile(body), { 'our items': [{ n: 1 }, { n: 2 }] })
    ).get('word/document.xml');
    expect(document).toContain('descr="a1;2;"');
  });

  it('are refused where they cross', () => {
    expect(() => inspectTemplate(wordFile(paragraphs('{#a}{#b}{/a}{/b}')))).toThrow(
      /cross|table row/,
    );
  });
});

describe('full-width braces', () => {
  it('are told, for they are text', () => {
    expect(
      inspectTemplate(wordFile(paragraphs('{a}｛姓名｝ and ｛＃list｝ ｛ ｝'))).warnings,
    ).toEqual([
      'Full-width braces are text: ｛姓名｝, ｛＃list｝ stay as they are in every document. Write tags with { and }.',
    ]);
  });
});

describe('a brace without its other', () => {
  it.each(['a } b', 'a { b'])('is refused with the way to write it as text: %s', (text) => {
    expect(() => inspectTemplate(wordFile(paragraphs(text)))).toThrow(
      'Where braces are text, write {=[[ ]]=} before them, and tags as [[name]] from there on',
    );
  });
});
