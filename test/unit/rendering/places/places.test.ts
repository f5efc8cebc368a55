import { describe, expect, it } from 'vitest';
import { compileTemplate } from '../../../../shared/rendering/compileTemplate.ts';
import {
  field,
  part,
  relationship,
  relationships,
  richWordFile,
} from '../../../support/richWordFile.ts';
import { failInEveryTier, fillInEveryTier } from '../../../support/tiers.ts';
import { paragraphs } from '../../../support/wordFile.ts';

const WORD = 'application/vnd.openxmlformats-officedocument.wordprocessingml';
const DRAWING = 'application/vnd.openxmlformats-officedocument.drawingml';
const ROW = { name: 'Ann & "Bo" Lee', id: '7/7', lines: 'one\ntwo', q: 'a&b=c #1', n: 3 };

const fill = async (body: string, row = {}, options = {}) =>
  (await fillInEveryTier(richWordFile(body, options), { ...ROW, ...row })).get(
    'word/document.xml',
  ) ?? '';

describe('parts that docxtemplater does not know', () => {
  it('fills endnotes', async () => {
    const template = richWordFile(paragraphs('Dear {name}'), {
      parts: {
        'word/notes at end.xml': {
          type: `${WORD}.endnotes+xml`,
          content: part(
            'w:endnotes',
            `<w:endnote w:id="1">${paragraphs('By {name}{#items}, {.}{/items}')}</w:endnote>`,
          ),
        },
      },
      relationships: relationship('rId2', 'endnotes', 'notes at end.xml'),
    });
    const parts = await fillInEveryTier(template, { name: 'Ann', items: ['x', 'y'] });
    expect(parts.get('word/notes at end.xml')).toContain('>By Ann, x, y</w:t>');
    expect(compileTemplate(template).tags.map(({ part: from, name }) => `${from} ${name}`)).toEqual(
      [
        'word/document.xml name',
        'word/notes at end.xml name',
        'word/notes at end.xml items',
        'word/notes at end.xml .',
      ],
    );
  });

  it('fills titles, names, categories and cached values of charts, and the shapes on them', async () => {
    const template = richWordFile(paragraphs('x'), {
      parts: {
        'word/charts/chart7.xml': {
          type: `${DRAWING}.chart+xml`,
          content: part(
            'c:chartSpace',
            '<c:chart><c:title><c:tx><c:rich><a:p><a:r><a:t>Sales of {name}, {lines}</a:t></a:r></a:p></c:rich></c:tx></c:title><c:plotArea><c:ser><c:tx><c:strRef><c:f>Sheet1!$B$1</c:f><c:strCache><c:pt idx="0"><c:v>{lines}</c:v></c:pt></c:strCache></c:strRef></c:tx><c:val><c:numRef><c:numCache><c:formatCode>General</c:formatCode><c:pt idx="0"><c:v>{n}</c:v></c:pt></c:numCache></c:numRef></c:val></c:ser></c:plotArea></c:chart>',
          ),
        },
        'word/drawings/drawing1.xml': {
          type: `${DRAWING}.chartshapes+xml`,
          content: part('c:userShapes', '<a:p><a:r><a:t>{name}</a:t></a:r></a:p>'),
        },
      },
    });
    const parts = await fillInEveryTier(template, ROW);
    const chart = parts.get('word/charts/chart7.xml');
    expect(chart).toContain(
      '<a:t>Sales of Ann &amp; &quot;Bo&quot; Lee, one</a:t></a:r><a:br/><a:r><a:t>two</a:t>',
    );
    expect(chart).toContain('<c:v>one&#xA;two</c:v>');
    expect(chart).toContain('<c:v>3</c:v>');
    expect(parts.get('word/drawings/drawing1.xml')).toContain('&quot;Bo&quot;');
  });

  it('fills the data that content controls are bound to, and what they show', async () => {
    const template = richWordFile(
      `<w:sdt><w:sdtPr><w:dataBinding w:xpath="/i:inv[1]/i:client[1]" w:storeItemID="{11111111-2222-3333-4444-555555555555}"/><w:text/></w:sdtPr><w:sdtContent>${paragraphs('{name}')}</w:sdtContent></w:sdt>`,
      {
        parts: {
          'customXml/data.xml': {
            type: 'application/xml',
            content:
              '<inv xmlns="urn:inv" guid="{11111111-2222-3333-4444-555555555555}" at="{id}"><client>{name}</client><json>{"a": 1}</json><text>{lines}</text></inv>',
          },
        },
        relationships: relationship('rId7', 'customXml', '../customXml/data.xml'),
      },
    );
    const parts = await fillInEveryTier(template, ROW);
    expect(parts.get('customXml/data.xml')).toBe(
      '<inv xmlns="urn:inv" guid="{11111111-2222-3333-4444-555555555555}" at="7/7"><client>Ann &amp; &quot;Bo&quot; Lee</client><json>{"a": 1}</json><text>one&#xA;two</text></inv>',
    );
    expect(parts.get('word/document.xml')).toContain('Ann &amp; &quot;Bo&quot; Lee</w:t>');
    expect(parts.get('word/document.xml')).toContain(
      'w:storeItemID="{11111111-2222-3333-4444-555555555555}"',
    );
  });
});

describe('targets of links', () => {
  const target = async (written: string, row: object) => {
    const body = '<w:p><w:hyperlink r:id="rId9"><w:r><w:t>open</w:t></w:r></w:hyperlink></w:p>';
    const parts = await fillInEveryTier(
      richWordFile(body, { relationships: relationship('rId9', 'hyperlink', written, true) }),
      { ...row },
    );
    return /Target="([^"]*)"/.exec(parts.get('word/_rels/document.xml.rels') ?? '')?.[1];
  };

  it.each([
    ['https://x.test/u/{id}', { id: 'Ann Lee' }, 'https://x.test/u/Ann%20Lee'],
    ['https://x.test/u/%7Bid%7D', { id: 'ä#?%' }, 'https://x.test/u/%C3%A4%23%3F%25'],
    [
      'https://x.test/{First%20Name}/{file}',
      { 'First Name': 'A', file: 'b/c d' },
      'https://x.test/A/b/c%20d',
    ],
    ['https://x.test/%7BFirst%20Name%7D', { 'First Name': 'A' }, 'https://x.test/A'],
    [
      'https://x.test/?q={q}&amp;r={r}',
      { q: 'a&b=c/d', r: '+' },
      'https://x.test/?q=a%26b%3Dc%2Fd&amp;r=%2B',
    ],
    ['https://{host}/a b', { host: 'y.test:8080' }, 'https://y.test:8080/a%20b'],
    ['https://{host}.x.test/', { host: 'evil.test/' }, 'https://evil.test%2F.x.test/'],
    ['https://{rest}', { rest: 'y.test/a b?c=d#e#f' }, 'https://y.test/a%20b?c=d#e%23f'],
    ['mailto:{email}', { email: 'a+b@x.test' }, 'mailto:a+b@x.test'],
    ['mailto:%7Bemail%7D', { email: 'a@x.test?bcc=b@x.test' }, 'mailto:a@x.test%3Fbcc%3Db@x.test'],
    [
      'mailto:{email}?subject=Hello {name}&amp;body={text}',
      { email: 'a@x.test', name: 'A & B', text: 'one\ntwo' },
      'mailto:a@x.test?subject=Hello%20A%20%26%20B&amp;body=one%0D%0Atwo',
    ],
    ['tel:{phone}', { phone: '+49 30 1' }, 'tel:+49%2030%201'],
    ['{url}', { url: 'https://y.test/a b%20c?d="e"' }, 'https://y.test/a%20b%20c?d=%22e%22'],
    ['{url}', { url: 'www.y.test' }, 'www.y.test'],
    ['{base}/u/{id}', { base: 'https://y.test', id: '7' }, 'https://y.test/u/7'],
    ['{a}{b}', { b: 'javascript:alert(1)' }, 'javascript%3Aalert(1)'],
    ['file:///S:/letters/{id}.docx', { id: '7' }, 'file:///S:/letters/7.docx'],
    ['https://x.test/{#id}u/{id}{/id}{^id}all{/id}', { id: '7' }, 'https://x.test/u/7'],
    ['https://x.test/{#id}u/{id}{/id}{^id}all{/id}', {}, 'https://x.test/all'],
    ['https://x.test/{id}', {}, 'https://x.test/'],
    ['http://%7Burl%7D/', { url: 'https://y.test/a?b=c#d' }, 'http://y.test/a?b=c#d'],
    ['http://{url}', { url: 'www.y.test/a' }, 'http://www.y.test/a'],
    ['https://{host}/x', { host: 'https://y.test/' }, 'https://y.test/x'],
    ['https://{host}/x', {}, 'https://address.invalid/x'],
    ['https://{rest}', {}, 'https://address.invalid'],
  ])('%s of %j is %s', async (written, row, expected) => {
    expect(await target(written, row)).toBe(expected);
  });

  it.each([
    'javascript:alert(1)',
    ' JavaScript:alert(1)',
    'data:text/html,x',
    'file://h/x',
    'ms-word:ofe|u|x',
  ])('does not let a value begin one with %s', (url) => {
    const template = richWordFile(paragraphs('x'), {
      relationships: relationship('rId9', 'hyperlink', '{url}', true),
    });
    expect(failInEveryTier(template, { url })).toEqual({
      code: 'RENDER_FAILED',
      tag: 'url',
      column: 'url',
      detail:
        'The value in the column "url", read by the tag {url}, is no address of the web, of mail or of a telephone, and cannot be the target of a link. Correct it, or write how the address begins in the template, as in file:///{url}.',
    });
  });

  it('leaves targets within the package, and those of parts without tags, alone', async () => {
    const rels = relationships(relationship('rId1', 'image', 'media/{a}.png'));
    const parts = await fillInEveryTier(
      richWordFile(paragraphs('{name}'), {
        entries: [{ name: 'word/_rels/document.xml.rels', content: rels }],
      }),
      ROW,
    );
    expect(parts.get('word/_rels/document.xml.rels')).toBe(rels);
  });
});

describe('codes of fields', () => {
  it.each([
    [
      ' HYPERLINK &quot;https://x.test/{q}&quot; \\o &quot;Of {name}&quot; ',
      ' HYPERLINK &quot;https://x.test/a%26b%3Dc%20%231&quot; \\o &quot;Of Ann &amp; \\&quot;Bo\\&quot; Lee&quot; ',
    ],
    ['HYPERLINK {q}', 'HYPERLINK &quot;a&amp;b=c%20#1&quot;'],
    ['HYPERLINK \\l &quot;{n}&quot;', 'HYPERLINK \\l &quot;3&quot;'],
    [
      'INCLUDEPICTURE &quot;C:\\\\photos\\\\{n}.jpg&quot; \\d',
      'INCLUDEPICTURE &quot;C:\\\\photos\\\\3.jpg&quot; \\d',
    ],
    ['INCLUDEPICTURE &quot;{path}&quot;', 'INCLUDEPICTURE &quot;S:\\\\a\\\\b.png&quot;'],
    [
      'IF {n} = 3 &quot;{name}&quot; &quot;no&quot;',
      'IF 3 = 3 &quot;Ann &amp; \\&quot;Bo\\&quot; Lee&quot; &quot;no&quot;',
    ],
    ['IF {q} = x 1 2', 'IF &quot;a&amp;b=c #1&quot; = x 1 2'],
    ['QUOTE &quot;{lines}&quot;', 'QUOTE &quot;one two&quot;'],
  ])('%s becomes %s', async (code, expected) => {
    const document = await fill(`<w:p>${field(code)}</w:p>`, { path: 'S:\\a\\b.png' });
    expect(/<w:instrText[^>]*>(.*?)<\/w:instrText>/.exec(document)?.[1]).toBe(expected);
  });

  it('fills those of links over several paragraphs, cut into runs', async () => {
    const link = field(['HYPERLINK &quot;https://x.test/{i', 'd}&quot;']).replace(
      '<w:t>old</w:t></w:r>',
      '<w:t>old</w:t></w:r></w:p><w:p><w:r><w:t>link</w:t></w:r>',
    );
    expect(await fill(`<w:p>${link}</w:p>`)).toContain(
      '<w:instrText xml:space="preserve">HYPERLINK &quot;https://x.test/7/7&quot;</w:instrText>',
    );
  });

  it('leaves what add-ins keep in them', async () => {
    const code = ' ADDIN ZOTERO_ITEM CSL_CITATION {"citationID":"{x}","n":{y}} ';
    expect(await fill(`<w:p>${field(code)}</w:p>${paragraphs('{name}')}`)).toContain(code);
  });
});

describe('attributes that are shown', () => {
  it('fills alternative texts, captions of tables, tips, watermarks and form fields', async () => {
    const document = await fill(
      '<w:p><w:r><w:drawing><wp:inline><wp:docPr id="1" name="P {n}" descr="Photo of {name}" title=\'{lines}\'/><pic:cNvPr id="1" name="x" descr="Photo of {name}"/></wp:inline></w:drawing></w:r></w:p>' +
        '<w:p><w:r><w:pict><v:shape alt="{name}" style="x"><v:textpath style="y" string="{lines}"/></v:shape></w:pict></w:r></w:p>' +
        '<w:tbl><w:tblPr><w:tblCaption w:val="Of {n}"/><w:tblDescription w:val="{name}"/></w:tblPr><w:tblGrid/><w:tr><w:tc><w:p/></w:tc></w:tr></w:tbl>' +
        '<w:p><w:hyperlink w:tooltip="To {n}" w:anchor="a{n}"><w:r><w:t>x</w:t></w:r></w:hyperlink></w:p>' +
        '<w:p><w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:textInput><w:default w:val="{n}"/></w:textInput></w:ffData></w:fldChar></w:r></w:p>',
    );
    const name = 'Ann &amp; &quot;Bo&quot; Lee';
    expect(document).toContain(
      `<wp:docPr id="1" name="P 3" descr="Photo of ${name}" title='one&#xA;two'/><pic:cNvPr id="1" name="x" descr="Photo of ${name}"/>`,
    );
    expect(document).toContain(
      `<v:shape alt="${name}" style="x"><v:textpath style="y" string="one two"/>`,
    );
    expect(document).toContain(`<w:tblCaption w:val="Of 3"/><w:tblDescription w:val="${name}"/>`);
    expect(document).toContain('<w:hyperlink w:tooltip="To 3" w:anchor="a3">');
    expect(document).toContain('<w:default w:val="3"/>');
  });

  it('reads them in the scope where they stand', async () => {
    const document = await fill(
      `${paragraphs('{#items}')}<w:p><w:r><w:drawing><wp:docPr id="1" name="x" descr="{label} of {name}"/></w:drawing></w:r></w:p>${paragraphs('{/items}')}`,
      { name: 'Z', items: [{ label: 'a' }, { label: 'b' }] },
    );
    expect(Array.from(document.matchAll(/descr="([^"]*)"/g), ([, text]) => text)).toEqual([
      'a of Z',
      'b of Z',
    ]);
  });

  it('takes sections that are whole within one of them, and leaves others', async () => {
    const document = await fill(
      '<w:p><w:r><w:drawing><wp:docPr id="1" name="{#a}x" descr="{#n}n is {n}{/n}{^n}no n{/n}"/></w:drawing></w:r></w:p>',
    );
    expect(document).toContain('name="{#a}x" descr="n is 3"');
  });

  it('fails a row without the value where that is asked for', () => {
    const template = richWordFile(
      '<w:p><w:r><w:drawing><wp:docPr id="1" name="x" descr="{photo}"/></w:drawing></w:r></w:p>',
    );
    expect(
      failInEveryTier(template, {}, { missingValue: 'error', timeoutMs: 30_000 }),
    ).toMatchObject({ code: 'MISSING_VALUE', tag: 'photo' });
    expect(failInEveryTier(template, { photo: 'a\u0001' })).toMatchObject({
      code: 'RENDER_FAILED',
      column: 'photo',
    });
  });
});
