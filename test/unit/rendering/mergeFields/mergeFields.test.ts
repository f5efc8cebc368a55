import { describe, expect, it } from 'vitest';
import { createSpellings } from '../../../../shared/columns/spellings.ts';
import { inspectTemplate } from '../../../../shared/rendering/compileTemplate.ts';
import {
  field,
  part,
  relationship,
  relationships,
  richWordFile,
} from '../../../support/richWordFile.ts';
import { failInEveryTier, fillInEveryTier } from '../../../support/tiers.ts';
import { header, paragraphs } from '../../../support/wordFile.ts';

const WORD = 'application/vnd.openxmlformats-officedocument.wordprocessingml';
const simple = (code: string, properties = '') =>
  `<w:fldSimple w:instr="${code}"><w:r>${properties}<w:t>«old»</w:t></w:r></w:fldSimple>`;
const p = (content: string) => `<w:p>${content}</w:p>`;
const text = (value: string) => `<w:r><w:t xml:space="preserve">${value}</w:t></w:r>`;

const body = async (content: string, row: object, options = {}) => {
  const parts = await fillInEveryTier(richWordFile(content, options), { ...row });
  return /<w:body>(.*)<w:sectPr\/>/s.exec(parts.get('word/document.xml') ?? '')?.[1] ?? '';
};
/** The text of each paragraph. */
const lines = async (content: string, row: object, options = {}) =>
  Array.from(
    (await body(content, row, options)).matchAll(/<w:p>(.*?)<\/w:p>/gs),
    ([, inner = '']) =>
      Array.from(inner.matchAll(/<w:t(?: [^>]*)?>([^<]*)<\/w:t>/g), ([, piece]) => piece).join(''),
  );

describe('merge fields', () => {
  it('are filled beside tags, simple and complex, with their code cut anywhere', async () => {
    expect(
      await lines(
        p(
          text('Dear ') +
            simple(' MERGEFIELD Name ') +
            text(', ') +
            field([' MERGE', 'FIELD C', 'ity \\* MERGE', 'FORMAT ']) +
            text(' {name}.'),
        ),
        { Name: 'A & B', City: 'Rome', name: 'x' },
      ),
    ).toEqual(['Dear A &amp; B, Rome x.']);
  });

  it('leave text and not a field behind, with the formatting of their result', async () => {
    const complex =
      '<w:r><w:rPr><w:i/></w:rPr><w:fldChar w:fldCharType="begin"/><w:instrText>MERGEFIELD a</w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:rPr><w:b/><w:noProof/></w:rPr><w:t>«a»</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>';
    expect(await body(p(text('x') + complex), { a: '1' })).toBe(
      p(`${text('x')}<w:r><w:rPr><w:b/></w:rPr><w:t xml:space="preserve">1</w:t></w:r>`),
    );
    expect(
      await body(p(text('x') + complex.replace('MERGEFIELD a', 'mergefield a \\* charformat')), {
        a: '1',
      }),
    ).toBe(p(`${text('x')}<w:r><w:rPr><w:i/></w:rPr><w:t xml:space="preserve">1</w:t></w:r>`));
  });

  it('are filled where a field, or two of them, are in one run', async () => {
    const inRun = (code: string) =>
      `<w:fldChar w:fldCharType="begin"/><w:instrText>${code}</w:instrText><w:fldChar w:fldCharType="separate"/><w:t>old</w:t><w:fldChar w:fldCharType="end"/>`;
    const run = (content: string) => `<w:r><w:rPr><w:b/></w:rPr>${content}</w:r>`;
    const row = { a: '1', b: '2' };
    expect(await body(p(text('x') + run(inRun('MERGEFIELD a'))), row)).toBe(
      p(`${text('x')}<w:r><w:rPr><w:b/></w:rPr><w:t xml:space="preserve">1</w:t></w:r>`),
    );
    expect(
      await lines(p(run(inRun('MERGEFIELD a') + inRun('MERGEFIELD b') + '<w:t>!</w:t>')), row),
    ).toEqual(['12!']);
  });

  it.each([
    ['MERGEFIELD &quot;First Name&quot;', { 'First Name': 'Ann' }, 'Ann'],
    ['MERGEFIELD “First Name”', { 'First Name': 'Ann' }, 'Ann'],
    ['MERGEFIELD a \\* Upper', { a: 'smiTH' }, 'SMITH'],
    ['MERGEFIELD a \\* Caps \\* MERGEFORMAT', { a: 'ann smiTH' }, 'Ann SmiTH'],
    ['MERGEFIELD a \\@ &quot;d MMMM yyyy&quot;', { a: '2024-04-15' }, '15 April 2024'],
    ['MERGEFIELD a \\@ d MMMM yyyy', { a: '2024-04-15' }, '15'],
    ['MERGEFIELD a \\# &quot;$#,##0.00&quot;', { a: 2456800 }, '$2,456,800.00'],
    ['MERGEFIELD a \\#0.00', { a: '1' }, '1.00'],
    ['MERGEFIELD a\\* Upper', { a: 'x' }, 'X'],
    ['MERGEFIELD a \\b &quot;(&quot; \\f &quot;) &quot;', { a: 'x' }, '(x) '],
    ['MERGEFIELD a \\b &quot;(&quot; \\f &quot;) &quot;', { a: '' }, ''],
    ['MERGEFIELD a \\m', { a: '0.00' }, '0.00'],
    ['MERGEFIELD a', { a: 'one\ntwo' }, 'onetwo'],
  ])('%s of %j is %s', async (code, row, expected) => {
    expect(await lines(p(text('[') + field(code) + text(']')), row)).toEqual([`[${expected}]`]);
    expect(await lines(p(text('[') + simple(code) + text(']')), row)).toEqual([`[${expected}]`]);
  });

  it('have dates in the language of their result, or of the document', async () => {
    const code = 'MERGEFIELD a \\@ &quot;d MMMM&quot;';
    const row = { a: '2024-05-01' };
    expect(
      await lines(p(text('x ') + simple(code, '<w:rPr><w:lang w:val="fr-FR"/></w:rPr>')), row),
    ).toEqual(['x 1 mai']);
    const styles = {
      parts: {
        'word/styles.xml': {
          type: `${WORD}.styles+xml`,
          content: part(
            'w:styles',
            '<w:docDefaults><w:rPrDefault><w:rPr><w:lang w:val="de-DE"/></w:rPr></w:rPrDefault></w:docDefaults>',
          ),
        },
      },
    };
    expect(await lines(p(text('x ') + simple(code)), row, styles)).toEqual(['x 1 Mai']);
  });

  it('have Chinese dates in the language for East Asian text', async () => {
    const code = 'MERGEFIELD a \\@ &quot;M月d日 dddd&quot;';
    const languages = '<w:lang w:val="en-US" w:eastAsia="zh-CN"/>';
    const row = { a: '2024-03-05' };
    expect(await lines(p(text('x') + simple(code, `<w:rPr>${languages}</w:rPr>`)), row)).toEqual([
      'x3月5日 星期二',
    ]);
    const styles = {
      parts: {
        'word/styles.xml': {
          type: `${WORD}.styles+xml`,
          content: part(
            'w:styles',
            `<w:docDefaults><w:rPrDefault><w:rPr>${languages}</w:rPr></w:rPrDefault></w:docDefaults>`,
          ),
        },
      },
    };
    expect(await lines(p(text('x') + simple(code)), row, styles)).toEqual(['x3月5日 星期二']);
  });

  it('are filled in headers, text boxes, links, tracked insertions and content controls', async () => {
    const name = field('MERGEFIELD n');
    const box = `<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wps:txbx><w:txbxContent>${p(text('a') + name)}</w:txbxContent></wps:txbx></w:drawing></mc:Choice><mc:Fallback><w:pict><v:textbox><w:txbxContent>${p(text('b') + name)}</w:txbxContent></v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>`;
    const template = richWordFile(
      p(
        `<w:hyperlink w:anchor="x">${name}</w:hyperlink><w:ins w:id="1" w:author="x">${name}</w:ins><w:sdt><w:sdtContent>${name}</w:sdtContent></w:sdt>${text('.')}`,
      ) + p(box),
      { parts: { 'word/header1.xml': header(p(text('h') + name)) } },
    );
    const parts = await fillInEveryTier(template, { n: 'N' });
    const document = parts.get('word/document.xml') ?? '';
    expect(document.match(/>N<\/w:t>/g)).toHaveLength(5);
    expect(document).not.toMatch(/fldChar|instrText/);
    expect(parts.get('word/header1.xml')).toContain('>N</w:t>');
    expect(inspectTemplate(template).compiled.tags).toEqual([
      { name: 'n', kind: 'value', path: [], part: 'word/document.xml', isMergeField: true },
      { name: 'n', kind: 'value', path: [], part: 'word/header1.xml', isMergeField: true },
    ]);
  });

  it('are one text again where their last result had several paragraphs', async () => {
    const [before = '', after = ''] = field('MERGEFIELD a', 'one|two').split('|');
    const cut = (between: string) =>
      p(`${text('x')}${before}</w:t></w:r></w:p>${between}<w:p><w:r><w:t>${after}${text('y')}`);
    expect(await lines(cut(''), { a: '1' })).toEqual(['x1y']);
    expect(await lines(cut(p(field('MERGEFIELD a'))) + p(text('z')), { a: '1' })).toEqual([
      'x1y',
      'z',
    ]);
    const section = p('<w:pPr><w:sectPr/></w:pPr>');
    expect(inspectTemplate(richWordFile(cut(section))).warnings[0]).toContain(': MERGEFIELD.');
  });

  it('are filled in the codes of other fields', async () => {
    const link = field(['HYPERLINK &quot;https://x.test/']).replace(
      '<w:r><w:fldChar w:fldCharType="separate"/>',
      `${field('MERGEFIELD id')}<w:r><w:instrText>&quot; </w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/>`,
    );
    expect(await body(p(text('x') + link), { id: 'a b' })).toContain(
      '<w:instrText xml:space="preserve">HYPERLINK &quot;https://x.test/a%20b&quot; </w:instrText>',
    );
  });

  it('are filled in sections', async () => {
    expect(
      await lines(
        paragraphs('{#items}') + p(text('- ') + field('MERGEFIELD n')) + paragraphs('{/items}'),
        {
          items: [{ n: 'a' }, { n: 'b' }],
        },
      ),
    ).toEqual(['- a', '- b']);
  });

  it('are told when a row has no value', () => {
    const template = richWordFile(p(text('x') + field('MERGEFIELD City \\* Upper')));
    expect(
      failInEveryTier(template, {}, { missingValue: 'error', timeoutMs: 30_000 }),
    ).toMatchObject({ code: 'MISSING_VALUE', tag: 'City', column: 'City' });
  });
});

describe('lines that are blank for want of a value', () => {
  const address =
    p(field('MERGEFIELD Street')) +
    p(field('MERGEFIELD Street2')) +
    p(field('MERGEFIELD City')) +
    p(text('end'));
  const row = { Street: 'High St', City: 'Rome' };

  it('are left out', async () => {
    expect(await lines(address, row)).toEqual(['High St', 'Rome', 'end']);
    expect(await lines(address, { ...row, Street2: 'Flat 2' })).toEqual([
      'High St',
      'Flat 2',
      'Rome',
      'end',
    ]);
  });

  it('stay where the template says so, where text stands, and where a cell needs them', async () => {
    const settings = {
      parts: {
        'word/settings.xml': {
          type: `${WORD}.settings+xml`,
          content: part('w:settings', '<w:mailMerge><w:doNotSuppressBlankLines/></w:mailMerge>'),
        },
      },
      relationships: relationship('rId1', 'settings', 'settings.xml'),
    };
    expect(await lines(address, row, settings)).toEqual(['High St', '', 'Rome', 'end']);
    expect(
      await lines(p(text('To: ') + field('MERGEFIELD Street2')) + p(text('end')), row),
    ).toEqual(['To: ', 'end']);
    const cell = `<w:tbl><w:tblPr/><w:tblGrid/><w:tr><w:tc>${p(field('MERGEFIELD Street2'))}</w:tc></w:tr></w:tbl>`;
    expect(await body(cell, {})).toContain('</w:p></w:tc>');
  });
});

describe('conditions', () => {
  const nested = (before: string, code: string, after: string) =>
    field([before]).replace(
      '<w:r><w:fldChar w:fldCharType="separate"/>',
      `${field(code)}<w:r><w:instrText xml:space="preserve">${after}</w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/>`,
    );

  it.each([
    [{ sex: 'f' }, 'Dear Ms'],
    [{ sex: 'm' }, 'Dear Mr'],
    [{}, 'Dear Mr'],
  ])('by a merge field of %j print %s', async (row, expected) => {
    const content = p(
      text('Dear ') +
        nested(' IF ', 'MERGEFIELD sex', ' = &quot;f&quot; &quot;Ms&quot; &quot;Mr&quot; '),
    );
    expect(await lines(content, row)).toEqual([expected]);
    expect(await body(content, row)).not.toMatch(/fldChar|instrText/);
  });

  it.each([
    ['&gt;= 1000', 'big'],
    ['=&quot;1000&quot;', 'big'],
    ['&lt;&gt;&quot;a b&quot;', 'big'],
    ['&lt;5', 'x=y &lt;z&gt;'],
  ])('need no blanks around their sign: %s', async (compared, expected) => {
    const code = `${compared} &quot;big&quot; &quot;x=y &lt;z&gt;&quot; `;
    const content = p(text('x') + nested(' IF ', 'MERGEFIELD n', code));
    expect(await lines(content, { n: 1000 })).toEqual([`x${expected}`]);
    const byTag = p(text('x') + field(` IF {n}${code}`));
    expect(await lines(byTag, { n: 1000 })).toEqual([`x${expected}`]);
  });

  it('by a tag are named where they cannot be decided', () => {
    const code = 'IF {n} &gt; 1 &quot;a&quot; &quot;b&quot; &quot;c&quot;';
    const content = p(text('x') + field(code));
    expect(inspectTemplate(richWordFile(content)).warnings).toEqual([
      expect.stringContaining('only a mail merge by Word computes: IF.'),
    ]);
  });

  it('by a tag keep their code, filled, and show what it gives', async () => {
    const content = p(text('x') + field('IF {n} &gt; 1 &quot;many {n}&quot; &quot;one&quot;'));
    expect(await lines(content, { n: 3 })).toEqual(['xmany 3']);
    expect(await lines(content, { n: 1 })).toEqual(['xone']);
    expect(await body(content, { n: 3 })).toContain('IF 3 &gt; 1 &quot;many 3&quot;');
  });
});

describe('what only Word can merge', () => {
  it('is named, and keeps its last result', async () => {
    const template = richWordFile(
      p(
        text('{name}') +
          field('NEXT') +
          field('FILLIN &quot;Who?&quot;', 'me') +
          field('ADDRESSBLOCK \\f x', 'Street') +
          field('PAGE', '1'),
      ),
    );
    expect(inspectTemplate(template).warnings).toEqual([
      'The template has fields that only a mail merge by Word computes: NEXT, FILLIN, ADDRESSBLOCK. Documents keep what these fields last showed. Write tags instead, such as {#name}…{/name} for a condition.',
    ]);
    expect((await fillInEveryTier(template, { name: 'x' })).get('word/document.xml')).toContain(
      '>me</w:t>',
    );
  });

  it('is not the main document: its fields are named beside its connection', () => {
    const template = richWordFile(p(simple(' MERGEFIELD First_Name ') + text('{name}')), {
      parts: {
        'word/settings.xml': {
          type: `${WORD}.settings+xml`,
          content: part('w:settings', '<w:mailMerge><w:dataSource r:id="rId1"/></w:mailMerge>'),
        },
      },
      entries: [
        {
          name: 'word/_rels/settings.xml.rels',
          content: relationships(
            relationship('rId1', 'mailMergeSource', 'file:///C:/l.xlsx', true),
          ),
        },
      ],
      relationships: relationship('rId1', 'settings', 'settings.xml'),
    });
    expect(inspectTemplate(template).warnings).toEqual([
      expect.stringMatching(
        /^The template is a main document of a mail merge\. .* filled from the columns of the rows: First_Name\.$/,
      ),
    ]);
  });
});

describe('formats that are not known', () => {
  it('are named, and the value is printed without them', async () => {
    const template = richWordFile(p(text('x') + field('MERGEFIELD n \\* CardText')));
    expect(inspectTemplate(template).warnings).toEqual([
      'Merge fields are filled without formats that are not known here: \\* CardText.',
    ]);
    expect((await fillInEveryTier(template, { n: 5 })).get('word/document.xml')).toContain(
      '>5</w:t>',
    );
  });
});

describe('names that Word made of columns', () => {
  it('read the columns, in conditions too', () => {
    const body =
      p(text('x') + field('MERGEFIELD First_Name')) +
      p(field('MERGEFIELD M_2nd_row')) +
      p(text('end'));
    const { compiled } = inspectTemplate(richWordFile(body));
    const columns = ['first name', '2nd. row'];
    const { spellings } = createSpellings(columns)(compiled.tags);
    const result = compiled.render(
      { 'first name': 'Ann', '2nd. row': 'B' },
      { missingValue: 'error', timeoutMs: 30_000, spellings },
    );
    expect(result.ok).toBe(true);
  });
});
