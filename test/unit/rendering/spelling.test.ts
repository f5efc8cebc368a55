import { describe, expect, it } from 'vitest';
import { fillTable } from '../../support/fillTable.ts';
import { paragraphs, wordFile } from '../../support/wordFile.ts';

const fillCsv = (text: string, table: string) => fillTable(wordFile(paragraphs(text)), table);
const fillJson = (text: string, ...rows: object[]) =>
  fillTable(wordFile(paragraphs(text)), JSON.stringify(rows), { format: 'json' });

describe('tags and columns that people cannot tell apart', () => {
  it.each([
    ['a curly apostrophe in the tag', '[{Client’s name}]', "Client's name"],
    ['a curly apostrophe in the column', "[{Client's name}]", 'Client’s name'],
    ['a no-break space', '[{First\u00a0name}]', 'First name'],
    ['two spaces', '[{First  name}]', 'First name'],
    ['a zero-width space', '[{First\u200b name}]', 'First name'],
    ['a soft hyphen', '[{First na\u00adme}]', 'First name'],
    ['a line break in the header', '[{First name}]', '"First\nname"'],
    ['a decomposed accent', '[{Prénom}]', 'Pre\u0301nom'],
    ['a French colon', '[{Nom\u00a0:}]', 'Nom:'],
    ['full-width brackets', '[{金额(元)}]', '金额（元）'],
    ['a condition', '{#Client’s name}[{Client’s name}]{/Client’s name}', "Client's name"],
    ['an inverted condition', '{^Client’s name}none{/Client’s name}[Ann]', "Client's name"],
  ])('are the same: %s', async (_, text, column) => {
    const { texts, warnings } = await fillCsv(text, `${column},x\nAnn,{x}\n`);
    expect(texts).toEqual(['[Ann]']);
    expect(warnings).toEqual(['No tag reads the column "x".']);
  });

  it('are the same in lists, in groups and in paths', async () => {
    const row = {
      'Client’s items': [{ 'Unit\u00a0price': 1 }, { 'Unit price': 2 }],
      group: { 'Zip  code': '01067' },
    };
    const text = "{#Client's items}({Unit price}){/Client's items}{group.Zip code}";
    const { texts, warnings } = await fillJson(text, row);
    expect(texts).toEqual(['(1)(2)01067']);
    expect(warnings).toEqual([]);
  });

  it('are told apart where both are there: each reads its own', async () => {
    const { texts, sourceWarnings } = await fillCsv(
      "{Client’s}|{Client's}|{Client´s}",
      "Client's,Client’s\nstraight,curly\n",
    );
    expect(texts).toEqual(['curly|straight|straight']);
    expect(sourceWarnings).toEqual([
      'The columns "Client\'s" and "Client’s" look the same: a tag reads the one that it is spelt like, and else the first. Rename one.',
    ]);
  });

  it('are named by the column in failures', async () => {
    const template = wordFile(paragraphs('{Client’s name}'));
    const table = "Client's name,b\n,1\n";
    const { failures } = await fillTable(template, table, { format: 'csv' }, 'error');
    expect(failures).toMatchObject([{ code: 'MISSING_VALUE', tag: 'Client’s name' }]);
    expect(failures[0]?.column).toBe("Client's name");
  });
});

describe('names that differ in case or signs', () => {
  it.each(['{Name}', '{na-me}', '{name.}'])(
    'are taken for each other, and that is said: %s',
    async (tag) => {
      const { texts, warnings } = await fillCsv(`[${tag}]`, 'name,b\nAnn,1\n');
      expect(texts).toEqual(['[Ann]']);
      expect(warnings[0]).toContain(
        `Filled from columns that are spelt otherwise: ${tag} from "name"`,
      );
    },
  );
});

describe('columns of any name', () => {
  it.each([
    'Amount (€)',
    'Yes/No?',
    'No.',
    'a.b',
    'Price [EUR]',
    'Q1[SQ002]',
    'q[0]',
    'x\\y',
    '50 %',
  ])('are read by a tag that is spelt like them: %s', async (name) => {
    expect(await fillCsv(`[{${name}}]`, `${name},b\n1,{b}\n`)).toMatchObject({
      texts: ['[1]'],
      warnings: ['No tag reads the column "b".'],
    });
    expect(await fillJson(`[{${name}}]`, { [name]: 1 })).toMatchObject({
      texts: ['[1]'],
      warnings: [],
    });
  });

  it('are read in lists with gaps, each by its own number', async () => {
    const { texts, warnings } = await fillCsv(
      '[{Q1[1]}] [{Q1[2]}] [{phone[2]}] {#Q1}({.}){/Q1}',
      'Q1[1],Q1[2],phone[2]\nyes,no,555\n,no,\nyes,,5\n',
    );
    expect(texts).toEqual(['[yes] [no] [555] (yes)(no)', '[] [no] [] (no)', '[yes] [] [5] (yes)']);
    expect(warnings).toEqual([]);
  });

  it('are read by number from lists of JSON', async () => {
    const row = { q: ['a', 'b'], items: [{ name: 'x' }, { name: 'y' }] };
    expect((await fillJson('{q[1]}{q[2]}{q[3]}{items[2].name}', row)).texts).toEqual(['aby']);
  });

  it('fail a row that must be whole only where they are empty', async () => {
    const template = wordFile(paragraphs('{Q1[2]}'));
    const table = 'Q1[1],Q1[2]\n,no\nyes,\n';
    const { texts, failures } = await fillTable(template, table, { format: 'csv' }, 'error');
    expect(texts).toEqual(['no', 'MISSING_VALUE']);
    expect(failures).toMatchObject([{ tag: 'Q1[2]', column: 'Q1[2]' }]);
  });
});

describe('tags with characters that Word keeps as elements', () => {
  const run = (...pieces: string[]) =>
    wordFile(
      `<w:p><w:r>${pieces.map((piece) => (piece.startsWith('<') ? piece : `<w:t>${piece}</w:t>`)).join('')}</w:r></w:p>`,
    );

  it.each([
    ['a hyphen that does not break', ['[{e', '<w:noBreakHyphen/>', 'mail}]'], 'e-mail'],
    ['a soft hyphen', ['[{na', '<w:softHyphen/>', 'me}]'], 'name'],
    ['a tab', ['[{First', '<w:tab/>', 'name}]'], 'First name'],
    ['a line break', ['[{First', '<w:br/>', 'name}]'], 'First name'],
  ])('read their column: %s', async (_, pieces, column) => {
    const { texts, warnings } = await fillTable(run(...pieces), `${column},b\nAnn,{b}\n`);
    expect(texts[0]?.replace('\u00ad', '')).toBe('[Ann]');
    expect(warnings).toEqual(['No tag reads the column "b".']);
  });

  it('leave the same elements outside of tags alone', async () => {
    const template = run(
      '{a}',
      '<w:noBreakHyphen/>',
      '<w:tab/>',
      '<w:t xml:space="preserve">x {</w:t>',
      'b}',
    );
    expect((await fillTable(template, 'a,b\n1,2\n')).texts[0]?.replace(/\s+/g, ' ')).toBe(
      '1\u2011 x 2',
    );
  });
});

describe("fields of Word's mail merge", () => {
  const field = (name: string) =>
    `<w:p><w:fldSimple w:instr=" MERGEFIELD ${name} "><w:r><w:t>«${name}»</w:t></w:r></w:fldSimple></w:p>`;

  it.each([
    ['First_Name', 'First Name'],
    ['first_name', 'First Name'],
    ['M_2nd_row', '2nd row'],
    ['Amount____', 'Amount (€)'],
    ['Client_s_name', 'Client’s name'],
  ])('read the column that Word calls so: %s', async (name, column) => {
    expect(await fillTable(wordFile(field(name)), `${column}\nAnn\n`)).toMatchObject({
      texts: ['Ann'],
      warnings: [],
    });
  });

  it('do not lend their silence to tags', async () => {
    const { texts, warnings } = await fillCsv('[{First_Name}]', 'First Name\nAnn\n');
    expect(texts).toEqual(['[Ann]']);
    expect(warnings[0]).toContain('{First_Name} from "First Name"');
  });
});
