/** Fingerprints: what gives the same document has the same one, and nothing else has. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Spellings } from '../../../shared/columns/spellings.ts';
import { compileTemplate } from '../../../shared/rendering/compileTemplate.ts';
import { columnsRead } from '../../../shared/reuse/columnsRead.ts';
import { createFingerprint, type FilledBy } from '../../../shared/reuse/fingerprint.ts';
import {
  createFingerprintTable,
  wantedFingerprint,
} from '../../../shared/reuse/fingerprintTable.ts';
import type { Row, Tag } from '../../../shared/schemas/common.ts';
import { withTyped } from '../../../shared/tags/shown.ts';
import { docx } from '../../support/docx.ts';
import { rowsFor } from '../../support/rowArbitrary.ts';
import { wordTemplate } from '../../support/templateArbitrary.ts';

const tag = (name: string, others: Partial<Tag> = {}): Tag => ({
  name,
  kind: 'value',
  path: [],
  part: 'word/document.xml',
  ...others,
});

function filledBy(tags: readonly Tag[], changes: Partial<FilledBy> = {}): FilledBy {
  return {
    sha256: 'a'.repeat(64),
    compiled: { engine: { tier: 'compiled', reasons: [] }, tags },
    spellings: undefined,
    options: { missingValue: 'empty', emptyParagraphs: 'keep' },
    readsTyped: false,
    ...changes,
  };
}

const fingerprintOf = (row: Row, names: string[] = ['a'], changes: Partial<FilledBy> = {}) =>
  createFingerprint(
    filledBy(
      names.map((name) => tag(name)),
      changes,
    ),
  )(row);

describe('a fingerprint', () => {
  it('is of the columns that are read, with all that is in them', () => {
    expect(fingerprintOf({ a: '1', b: '2' })).toBe(fingerprintOf({ b: '3', a: '1' }));
    expect(fingerprintOf({ a: '1' })).not.toBe(fingerprintOf({ a: '2' }));
    const nested = (c: number): Row => ({ a: { b: [{ c }] } });
    expect(fingerprintOf(nested(1))).not.toBe(fingerprintOf(nested(2)));
    expect(fingerprintOf({ 'a.b': 1, a: 2 }, ['a.b'])).not.toBe(
      fingerprintOf({ 'a.b': 1, a: 3 }, ['a.b']),
    );
    expect(fingerprintOf({ a: 1 }, ['.'])).not.toBe(fingerprintOf({ a: 1, b: 2 }, ['.']));
  });

  it('tells apart what JSON tells apart, and what numbers do', () => {
    const values: unknown[] = [
      undefined,
      null,
      '',
      0,
      -0,
      '0',
      1,
      '1',
      true,
      'true',
      false,
      [],
      {},
      [[]],
      [null],
      [1, 2],
      ['1', '2'],
      ['1,2'],
      { b: 1 },
      { c: 1 },
      { b: { c: 1 } },
      { b: 1, c: 1 },
      [0],
      [-0],
      [Infinity],
      { b: -0 },
      { b: 0 },
      { b: null },
      { b: Infinity },
      [{ b: 1 }, { c: 1 }],
      [{ b: 1, c: 1 }],
      's1:1',
      '1e400',
      Infinity,
    ];
    const found = values.map((value) =>
      fingerprintOf((value === undefined ? {} : { a: value }) as Row),
    );
    expect(new Set(found).size).toBe(values.length);
  });

  it('does not run one column into the next', () => {
    const names = ['a', 'b'];
    expect(fingerprintOf({ a: 'x', b: 'yz' }, names)).not.toBe(
      fingerprintOf({ a: 'xy', b: 'z' }, names),
    );
    expect(fingerprintOf({ a: 'x' }, names)).not.toBe(fingerprintOf({ b: 'x' }, names));
    const text = fc.string({ unit: 'binary', maxLength: 4 });
    const value = fc.oneof(text, fc.jsonValue());
    fc.assert(
      fc.property(fc.tuple(value, value, value, value), ([a, b, c, d]) => {
        const same = JSON.stringify([a, b]) === JSON.stringify([c, d]);
        fc.pre(!JSON.stringify([a, b, c, d]).includes('-0'));
        const one = fingerprintOf({ a, b } as Row, names);
        expect(one === fingerprintOf({ a: c, b: d } as Row, names)).toBe(same);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is none for half of a character, which is no other', () => {
    expect(fingerprintOf({ a: 'x \ud800' })).toBeUndefined();
    const inner = (b: string) => fingerprintOf({ a: { b: [b] } });
    expect(new Set(['\udc00', '\udc01', '\ufffd', '\\udc00'].map(inner)).size).toBe(4);
    expect(fingerprintOf({ a: 'x \ufffd' })).toBeDefined();
    expect(fingerprintOf({ a: '\ud83d', b: '\ude00' }, ['a', 'b'])).toBeUndefined();
  });

  it('tells what is behind a shown value', () => {
    const shown = (typed: Row[string]) => withTyped({ a: '12.5 %' }, { a: typed });
    expect(fingerprintOf(shown(0.125))).not.toBe(fingerprintOf(shown(0.1251)));
    expect(fingerprintOf(shown(0.125))).not.toBe(fingerprintOf({ a: '12.5 %' }));
    expect(fingerprintOf(shown(0.125))).toBe(fingerprintOf(shown(0.125)));
    const inList = (typed: Row[string]) => withTyped({ a: ['12.5 %'] }, { a: [typed] });
    expect(fingerprintOf(inList(0.125))).not.toBe(fingerprintOf(inList(0.1251)));
    expect(fingerprintOf(inList(0.125))).not.toBe(fingerprintOf({ a: ['12.5 %'] }));
  });

  it('is another one for everything that fills otherwise', () => {
    const spellings = (further: Record<string, string[]>, mapped?: Record<string, string[]>) => {
      const map = new Map(Object.entries(further));
      const its: Spellings = {
        get: (name) => map.get(name),
        ...(mapped && { mapped: new Map(Object.entries(mapped)) }),
      };
      return its;
    };
    const all: Partial<FilledBy>[] = [
      {},
      { sha256: 'b'.repeat(64) },
      { compiled: { engine: { tier: 'stock', reasons: [] }, tags: [tag('a')] } },
      { compiled: { engine: { tier: 'compiled', reasons: [] }, tags: [tag('a'), tag('b')] } },
      { options: { missingValue: 'error', emptyParagraphs: 'keep' } },
      { options: { missingValue: 'empty', emptyParagraphs: 'remove' } },
      { readsTyped: true },
      { spellings: spellings({ a: ['A'] }) },
      { spellings: spellings({}, { a: ['A'] }) },
    ];
    const builds = [createFingerprint(filledBy([tag('a')]), 'another build')({ a: '1' })];
    const found = [...all.map((changes) => fingerprintOf({ a: '1' }, ['a'], changes)), ...builds];
    expect(new Set(found).size).toBe(all.length + 1);
    // A step further in may be spelt otherwise, too.
    const row = { address: { 'Zip Code': '12345' } };
    const inner = (its: Record<string, string[]>) =>
      fingerprintOf(row, ['address.zip_code'], { spellings: spellings(its) });
    expect(inner({ zip_code: ['Zip Code'] })).not.toBe(inner({}));
    // What no tag reads is spelt as it may.
    const other = fingerprintOf({ a: '1' }, ['a'], { spellings: spellings({ z: ['Z'] }) });
    expect(other).toBe(fingerprintOf({ a: '1' }));
  });
});

/** Templates of any shape; one that is refused has no documents. */
const compiledTemplate = wordTemplate
  .map((bytes) => {
    try {
      return compileTemplate(bytes);
    } catch {
      return undefined;
    }
  })
  .filter((compiled) => compiled !== undefined);

describe('the columns that are read', () => {
  const keys = (tags: readonly Tag[], spellings?: Spellings) => columnsRead(tags, spellings).keys;

  it('are those of names, of paths, and of what formats read', () => {
    expect(keys([tag('name'), tag('address.city'), tag('items[2].x'), tag('No.')])).toEqual(
      ['name', 'address.city', 'address', 'items[2].x', 'items', 'items[2]', 'No.', 'No'].sort(),
    );
    expect(keys([tag('items', { formats: ['sum:"price"'] })])).toEqual(['items', 'price']);
    expect(keys([tag('a'), tag('.', { path: ['list'] })])).toBeUndefined();
  });

  it('are those of other spellings, too', () => {
    const spellings: Spellings = {
      get: (name) => ({ Name: ['NAME', 'name'], address: ['Address'] })[name],
      mapped: new Map([['x', ['deep.er', 'y']]]),
    };
    expect(keys([tag('Name'), tag('address.city'), tag('x')], spellings)).toEqual(
      [
        'Name',
        'NAME',
        'name',
        'address.city',
        'address',
        'Address',
        'x',
        'deep.er',
        'deep',
        'y',
      ].sort(),
    );
  });

  it('are all that a document of any template is made from', () => {
    const options = { missingValue: 'empty', timeoutMs: 10_000 } as const;
    let compared = 0;
    fc.assert(
      fc.property(
        compiledTemplate.chain((compiled) => {
          const rows = rowsFor(compiled.tags);
          return fc.record({ compiled: fc.constant(compiled), one: rows, other: rows });
        }),
        fc.dictionary(fc.string({ maxLength: 5 }), fc.string()),
        fc.nat(),
        ({ compiled, one, other }, unread, at) => {
          const sha256 = 'a'.repeat(64);
          const base = { sha256, compiled, spellings: undefined, readsTyped: false } as const;
          const how = { missingValue: 'empty', emptyParagraphs: 'keep' } as const;
          const fingerprint = createFingerprint({ ...base, options: how });
          // One column of the other row, and columns that are not read.
          const names = Object.keys(other);
          const name = names[at % Math.max(1, names.length)];
          const changed: Row = { ...unread, ...one };
          if (name !== undefined) changed[name] = other[name] ?? null;
          for (const row of [{ ...unread, ...one }, changed]) {
            if (fingerprint(one) === undefined || fingerprint(row) !== fingerprint(one)) continue;
            const [first, second] = [compiled.render(one, options), compiled.render(row, options)];
            expect(first.ok).toBe(second.ok);
            if (!first.ok || !second.ok) continue;
            expect(Buffer.from(first.document).equals(second.document)).toBe(true);
            compared++;
          }
        },
      ),
      { numRuns: Number(process.env.SHEAF_REUSE_RUNS ?? 60) },
    );
    expect(compared).toBeGreaterThan(10);
  }, 120_000);

  it('leave out others of a real template', () => {
    const compiled = compileTemplate(docx('{a.b} {#list}{c | sum:"d"}{/list}'));
    expect(keys(compiled.tags)).toEqual(['a', 'a.b', 'c', 'd', 'list']);
  });
});

describe('a table of fingerprints', () => {
  const hex = fc
    .uint8Array({ minLength: 16, maxLength: 16 })
    .map((bytes) => Buffer.from(bytes).toString('hex'));

  it('finds the first of each, whatever their first bit is, and nothing of zeros', () => {
    fc.assert(
      fc.property(fc.array(hex, { maxLength: 60 }), hex, (all, other) => {
        const records = [...all, ...all.slice(0, 5), '0'.repeat(32)].map((each) =>
          Buffer.from(each, 'hex'),
        );
        const table = createFingerprintTable(records);
        expect(table.count).toBe(records.length);
        const masked = (each: string) =>
          Buffer.from(wantedFingerprint(each).buffer).toString('hex');
        const known = all.map(masked);
        for (const each of [...all, other, '0'.repeat(32), `80${'0'.repeat(30)}`]) {
          const first = known.indexOf(masked(each));
          const isNothing = masked(each) === '0'.repeat(32);
          expect(table.find(wantedFingerprint(each))).toBe(
            first < 0 || isNothing ? undefined : first,
          );
          if (first >= 0) expect(table.has(first, wantedFingerprint(each))).toBe(true);
          expect(table.has(-1, wantedFingerprint(each))).toBe(false);
          expect(table.has(records.length, wantedFingerprint(each))).toBe(false);
        }
      }),
    );
  });
});
