import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_DOCUMENT_NAME_BYTES } from '../../../shared/limits.ts';
import { Problem } from '../../../shared/problems.ts';
import { compileNames, rowOfName } from '../../../shared/rendering/documentNames.ts';
import { foldName } from '../../../shared/rendering/safeNames.ts';
import type { Row } from '../../../shared/schemas/common.ts';

/** The name of one document, or the code of its failure. */
function nameOf(pattern: string, values: Row = {}, row = 12, template = 'Offer'): string {
  const result = compileNames(pattern, 1).name({ row, template, values, taken: new Set() });
  return result.ok ? result.name : result.failure.code;
}

describe('compileNames', () => {
  it('fills {row}, {template} and tags', () => {
    expect(nameOf('{template}-{row}')).toBe('Offer-12.docx');
    expect(nameOf('{row} {name}', { name: 'Ana' })).toBe('12 Ana.docx');
    expect(nameOf('{ address.city }_{row}', { address: { city: 'Lyon' } })).toBe('Lyon_12.docx');
    expect(nameOf('{n}-{yes}-{row}', { n: 3.5, yes: true })).toBe('3.5-true-12.docx');
    expect(nameOf('{row}')).toBe('12.docx');
  });

  it('appends the row where the pattern does not set it off', () => {
    expect(nameOf('{name}', { name: 'Ana' })).toBe('Ana (12).docx');
    expect(nameOf('Letter')).toBe('Letter (12).docx');
    expect(nameOf('{row}{name}', { name: '3' })).toBe('123 (12).docx');
    expect(nameOf('{name}{row}', { name: '3' })).toBe('312 (12).docx');
    expect(nameOf('A {row} B')).toBe('A 12 B (12).docx');
    expect(nameOf('7{row}')).toBe('712 (12).docx');
    expect(nameOf('{row}7{name}', { name: 'x' })).toBe('127x (12).docx');
    // The literal is invisible and goes: nothing sets the number off.
    expect(nameOf('{row}\u200b{name}', { name: '3' })).toBe('123 (12).docx');
  });

  it('puts documents into folders, by a / of the pattern alone', () => {
    const row = { department: 'Sales / EMEA', name: 'Ana' };
    expect(nameOf('{department}/{name}', row)).toBe('Sales _ EMEA/Ana (12).docx');
    expect(nameOf('2026/{department}/{row}.docx', row)).toBe('2026/Sales _ EMEA/12.docx');
    expect(nameOf('{d | date:"yyyy/MM"}/{row}', { d: '2026-11-26' })).toBe('2026_11/12.docx');
  });

  it.each([
    ['', '_'],
    [null, '_'],
    ['..', '_'],
    ['../../x', '_._.._x'],
    ['CON', '_CON'],
    ['trailing. ', 'trailing'],
    ['\u202eexe', 'exe'],
    ['=1', '_1'],
    ['_manifest.csv', '_manifest.csv_'],
    ['_FAILURES.csv', '_FAILURES.csv_'],
  ])('makes a safe folder of %j', (v, folder) => {
    expect(nameOf('{v}/{row}', { v })).toBe(`${folder}/12.docx`);
  });

  it.each([
    ['{name}', 'Ada', undefined],
    ['{name}', 'Ada (0).docx', undefined],
    ['{name}', 'Ada (1234567890).docx', undefined],
    ['{row}-{name}', '12-Ada (3).docx', 12],
    ['{row}-{name}', 'Ada-12.docx', undefined],
    ['{name}-{row}', '3-12 (b).docx', 12],
    ['{name}-{row | number:"0000"}', 'a/b-0012.docx', 12],
    ['{name}-{row}', '', undefined],
  ])('of %j gives away the row of %j: %j', (pattern, name, row) => {
    expect(rowOfName(pattern, name)).toBe(row);
  });

  it('gives room to the file whatever the folders are called', () => {
    const long = '長い名前'.repeat(100);
    for (const pattern of ['{v}/{v}-{row}', '{v}/{v}/{v}/{v}/{v}/{v}']) {
      const name = nameOf(pattern, { v: long }, 1234567);
      expect(Buffer.byteLength(name)).toBeLessThanOrEqual(MAX_DOCUMENT_NAME_BYTES);
      expect(name.split('/').at(-1)).toContain('1234567');
      expect(Buffer.byteLength(name.split('/').at(-1) ?? '')).toBeGreaterThan(60);
    }
  });

  it('understands an ending of its own', () => {
    expect(nameOf('{name}-{row}.docx', { name: 'Ana' })).toBe('Ana-12.docx');
    expect(nameOf('{name}-{row}.DOCX', { name: 'Ana' })).toBe('Ana-12.docx');
    expect(nameOf('{name}.pdf', { name: 'Ana' })).toBe('Ana.pdf (12).docx');
  });

  it.each([
    ['a/b\\c:d*e?f"g<h>i|j', 'a_b_c_d_e_f_g_h_i_j (12).docx'],
    ['../../etc/passwd', '_._.._etc_passwd (12).docx'],
    ['line\r\nbreak\tand\u00a0space', 'line break and space (12).docx'],
    ['nul\u0000bell\u0007', 'nul_bell_ (12).docx'],
    ['half \ud800 character', 'half _ character (12).docx'],
    ['\u202efdp.exe', 'fdp.exe (12).docx'],
    ['e\u0301', '\u00e9 (12).docx'],
    ['王小明', '王小明 (12).docx'],
    ['=cmd()', '_cmd() (12).docx'],
    ['+1', '_1 (12).docx'],
    ['-rf', '_rf (12).docx'],
    ['@a', '_a (12).docx'],
    ['~', '_ (12).docx'],
    ['.hidden', '_hidden (12).docx'],
    ['  spaces. . ', 'spaces (12).docx'],
  ])('makes %j safe', (value, name) => {
    expect(nameOf('{v}', { v: value })).toBe(name);
  });

  it.each(['CON', 'nul', 'Com1', 'LPT9', 'aux.tar', 'COM¹'])(
    'keeps %s from being a device',
    (v) => {
      expect(nameOf('{v} ', { v })).toBe(`_${v} (12).docx`);
      expect(nameOf('COM{row}', {}, 1)).toBe('_COM1.docx');
    },
  );

  it('leaves out what the row does not have, and fails a name that comes out empty', () => {
    expect(nameOf('{name}-{row}', {})).toBe('_12.docx');
    expect(nameOf('{name}', { name: null })).toBe('NAME_INVALID');
    expect(nameOf('{name}', { name: ' .. ' })).toBe('NAME_INVALID');
    expect(nameOf('{constructor}', {})).toBe('NAME_INVALID');
    expect(nameOf('{list}-{row}', { list: [1] })).toBe('NAME_INVALID');
    expect(nameOf('{group}-{row}', { group: { a: 1 } })).toBe('NAME_INVALID');
  });

  it('says which column gives no name, without its value', () => {
    const result = compileNames('{name}', 1).name({
      row: 1,
      template: 'T',
      values: { name: '...' },
      taken: new Set(),
    });
    expect(result).toMatchObject({ ok: false, failure: { tag: 'name', column: 'name' } });
    expect(JSON.stringify(result)).not.toContain('...');
  });

  it('keeps long names within the limit, the row with them', () => {
    const long = '長い名前'.repeat(100);
    for (const pattern of ['{v}-{row}', '{row}-{v}', '{v}', `${long}{row}`]) {
      const name = nameOf(pattern, { v: long }, 1234567);
      expect(Buffer.byteLength(name)).toBeLessThanOrEqual(MAX_DOCUMENT_NAME_BYTES);
      expect(Buffer.byteLength(name)).toBeGreaterThan(MAX_DOCUMENT_NAME_BYTES - 10);
      expect(name).toContain('1234567');
      expect(name).not.toContain('\ufffd');
    }
  });

  it('tells the documents of one row apart, whatever their case', () => {
    const names = compileNames('{row}-{v}', 4);
    const taken = new Set<string>();
    const made = ['letter', 'LETTER', 'lette\u0301r', 'letter'].map((v) =>
      names.name({ row: 1, template: 'T', values: { v }, taken }),
    );
    expect(made.map((result) => result.ok && result.name)).toEqual([
      '1-letter.docx',
      '1-LETTER (b).docx',
      '1-lettér.docx',
      '1-letter (c).docx',
    ]);
  });

  it.each([
    ['', /empty/],
    ['.docx', /empty/],
    [' ... ', /empty/],
    ['\u202e', /empty/],
    ['{name', /never closed/],
    ['name}', /no \{ before/],
    ['{{name}}', /never closed/],
    ['a{}b', /no name/],
    ['{#list}x{/list}', /no plain tag/],
    ['{a}/', /ends with a folder/],
    ['{a}/.docx', /ends with a folder/],
    ['/{a}', /folder .* has no name/],
    ['a//{b}', /folder .* has no name/],
    ['../{b}', /folder .* has no name/],
    ['a/b/c/d/e/f/{row}', /6 folders/],
  ])('refuses the pattern %j', (pattern, detail) => {
    let thrown: unknown;
    try {
      compileNames(pattern, 1);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(Problem);
    expect(thrown).toMatchObject({
      code: 'VALIDATION_ERROR',
      errors: [{ pointer: '/fileName' }, ...(thrown as Problem).errors.slice(1)],
    });
    expect((thrown as Problem).errors[0]?.detail).toMatch(detail);
  });

  const text = fc.string({ unit: 'binary', maxLength: 12 });
  const literal = fc
    .oneof(
      text,
      fc.constantFrom(
        '-',
        ' ',
        '.',
        '0',
        '9 ',
        '(',
        ')',
        ' (b)',
        '(1',
        '=',
        '_',
        '\u200b',
        '\u0301',
        '/',
        'x'.repeat(220),
      ),
    )
    .map((s) => s.replace(/[{}]/g, ''));
  const patterns = fc
    .array(fc.oneof(literal, fc.constantFrom('{row}', '{template}', '{a}', '{b}')), {
      minLength: 1,
      maxLength: 5,
    })
    .map((pieces) => pieces.join(''));
  const values = fc.record({
    a: fc.oneof(
      text,
      fc.nat(99).map(String),
      fc.constantFrom('', '1 (2)', 'x (b)', '-', ' ', '漢'.repeat(90)),
    ),
    b: fc.option(fc.oneof(text, fc.nat(99)), { nil: null }),
  });

  it('never gives two documents of a task the same name, nor an unsafe one', () => {
    fc.assert(
      fc.property(
        patterns,
        fc.uniqueArray(fc.nat(1200), { minLength: 2, maxLength: 12 }),
        fc.array(values, { minLength: 2, maxLength: 4 }),
        fc.uniqueArray(fc.oneof(text, fc.constantFrom('A', 'a', 'Offer', '1')), {
          minLength: 1,
          maxLength: 3,
        }),
        (pattern, rows, pool, templates) => {
          let names;
          try {
            names = compileNames(pattern, templates.length);
          } catch (error) {
            expect(error).toBeInstanceOf(Problem);
            return;
          }
          const seen = new Set<string>();
          rows.forEach((row, i) => {
            const taken = new Set<string>();
            for (const template of templates) {
              const result = names.name({
                row: row + 1,
                template,
                values: pool[i % pool.length] ?? {},
                taken,
              });
              if (!result.ok) continue;
              const { name } = result;
              expect(
                seen.has(foldName(name)),
                `${JSON.stringify(pattern)} gave ${JSON.stringify(name)} twice`,
              ).toBe(false);
              seen.add(foldName(name));
              expect(Buffer.byteLength(name)).toBeLessThanOrEqual(MAX_DOCUMENT_NAME_BYTES);
              for (const whole of [name, name.toLowerCase(), name.split('/').at(-1) ?? '']) {
                expect(rowOfName(pattern, whole)).toBe(row + 1);
              }
              for (const [i, level] of name.split('/').entries()) {
                const isFile = i === name.split('/').length - 1;
                expect(isFile ? level : `${level}.docx`).toMatch(
                  /^[^=+\-@~. ][^<>:"/\\|?*]*[^. ]\.docx$|^[^=+\-@~. <>:"/\\|?*]\.docx$/,
                );
              }
              expect(name).not.toMatch(/\p{Cc}|\p{Surrogate}/u);
              expect(name).toBe(name.normalize('NFC'));
            }
          });
        },
      ),
      { numRuns: 500 },
    );
  });
});
