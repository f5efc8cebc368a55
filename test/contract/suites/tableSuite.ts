/** What every implementation of the table port does: run over the fake and over the adapter. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Problem } from '../../../shared/problems.ts';
import type { Condition, Item, ItemKey, Query, Table } from '../../../shared/ports.ts';
import type { FakeClock } from '../../support/memoryPorts.ts';

export interface TableFixture {
  readonly table: Table;
  /** The clock that the table filters expired items by. */
  readonly clock: FakeClock;
  close(): Promise<void>;
}

export function tableSuite(name: string, open: () => Promise<TableFixture>) {
  describe(`the table port, ${name}`, () => {
    let fixture: TableFixture;
    let table: Table;
    let partitions = 0;
    let pk: string;

    beforeAll(async () => {
      fixture = await open();
      table = fixture.table;
    });
    afterAll(() => fixture.close());
    // A partition for each test: they share one table.
    beforeEach(() => {
      pk = `TEST#${++partitions}`;
    });

    const key = (sk = 'META'): ItemKey => ({ pk, sk });
    const owned = (sort: string): Item => ({ ownerKey: `OWNER#${pk}`, ownerSort: sort });

    describe('put and get', () => {
      it('keeps every kind of JSON value, and adds the key', async () => {
        const item = {
          text: 'Zoë 王 & <"x">',
          empty: '',
          number: -12.5,
          big: 9_007_199_254_740_991,
          yes: true,
          nothing: null,
          list: [1, 'a', [false], {}],
          map: { 'odd name.[0]#': { deep: [] } },
        };
        expect(await table.put(key(), item)).toBe(true);
        expect(await table.get(key())).toEqual({ ...item, ...key() });
      });

      it('gives undefined for a key that holds nothing', async () => {
        expect(await table.get(key())).toBeUndefined();
      });

      it('replaces the whole item', async () => {
        await table.put(key(), { a: 1, b: 2 });
        await table.put(key(), { b: 3 });
        expect(await table.get(key())).toEqual({ b: 3, ...key() });
      });

      it('keeps names that objects have by themselves', async () => {
        const item = { map: { constructor: 'a', toString: 'b', deep: { constructor: { c: 1 } } } };
        expect(await table.put(key(), item)).toBe(true);
        expect(await table.get(key())).toEqual({ ...item, ...key() });
        await table.update(key(), { set: { map: { constructor: 'd' } } });
        expect(await table.get(key())).toMatchObject({ map: { constructor: 'd' } });
      });

      it('hands out copies', async () => {
        const item = { list: [1] };
        await table.put(key(), item);
        item.list.push(2);
        const read = await table.get(key());
        try {
          (read?.list as number[]).push(3);
        } catch {
          // An item that is frozen is as good as a copy.
        }
        expect(await table.get(key())).toMatchObject({ list: [1] });
      });

      it.each([
        ['undefined', { a: { b: undefined } }],
        ['not a number', { a: Number.NaN }],
        ['a date', { a: new Date(0) }],
      ])('refuses %s', async (_what, item) => {
        await expect(table.put(key(), item)).rejects.toThrow();
        expect(await table.get(key())).toBeUndefined();
      });

      it('refuses an item above 400 KiB', async () => {
        await expect(table.put(key(), { text: 'x'.repeat(410_000) })).rejects.toThrow();
      });
    });

    describe('conditions', () => {
      const present = { text: 'm', number: 5, yes: true };

      it.each<[string, Condition, boolean]>([
        ['absent', { absent: 'other' }, true],
        ['absent of what is there', { absent: 'text' }, false],
        ['present', { present: 'text' }, true],
        ['present of what is not there', { present: 'other' }, false],
        ['= text', { attribute: 'text', is: '=', value: 'm' }, true],
        ['= other text', { attribute: 'text', is: '=', value: 'n' }, false],
        ['= another type', { attribute: 'number', is: '=', value: '5' }, false],
        ['<> text', { attribute: 'text', is: '<>', value: 'n' }, true],
        ['<> same text', { attribute: 'text', is: '<>', value: 'm' }, false],
        ['<> another type', { attribute: 'number', is: '<>', value: '5' }, true],
        ['<> of what is not there', { attribute: 'other', is: '<>', value: 1 }, true],
        ['= of what is not there', { attribute: 'other', is: '=', value: 1 }, false],
        ['< of what is not there', { attribute: 'other', is: '<', value: 1 }, false],
        ['< number', { attribute: 'number', is: '<', value: 10 }, true],
        ['< equal number', { attribute: 'number', is: '<', value: 5 }, false],
        ['<= equal number', { attribute: 'number', is: '<=', value: 5 }, true],
        ['> number', { attribute: 'number', is: '>', value: -7 }, true],
        ['> another type', { attribute: 'number', is: '>', value: '1' }, false],
        ['>= number', { attribute: 'number', is: '>=', value: 6 }, false],
        ['> text', { attribute: 'text', is: '>', value: 'lll' }, true],
        ['= boolean', { attribute: 'yes', is: '=', value: true }, true],
        ['<> boolean', { attribute: 'yes', is: '<>', value: true }, false],
        ['all', { all: [{ present: 'text' }, { present: 'yes' }] }, true],
        ['all but one', { all: [{ present: 'text' }, { present: 'other' }] }, false],
        ['any', { any: [{ present: 'other' }, { present: 'yes' }] }, true],
        ['any of none that hold', { any: [{ present: 'other' }, { absent: 'yes' }] }, false],
        ['all of nothing', { all: [] }, true],
        ['any of nothing', { any: [] }, false],
        [
          'nested',
          {
            all: [
              { any: [{ absent: 'text' }, { attribute: 'number', is: '=', value: 5 }] },
              { any: [{ attribute: 'yes', is: '=', value: true }, { absent: 'number' }] },
            ],
          },
          true,
        ],
      ])('%s', async (_name, condition, holds) => {
        await table.put(key(), present);
        expect(await table.put(key(), { written: true }, condition)).toBe(holds);
        expect(await table.get(key())).toEqual({
          ...(holds ? { written: true } : present),
          ...key(),
        });

        await table.put(key(), present);
        const updated = await table.update(key(), { set: { written: true } }, condition);
        expect(updated !== undefined).toBe(holds);

        await table.put(key(), present);
        expect(await table.delete(key(), condition)).toBe(holds);
        expect((await table.get(key())) === undefined).toBe(holds);
      });

      it('see an item that is not there as one without attributes', async () => {
        expect(await table.update(key(), { set: { a: 1 } }, { present: 'pk' })).toBeUndefined();
        expect(await table.delete(key(), { present: 'pk' })).toBe(false);
        expect(await table.put(key(), { a: 1 }, { absent: 'pk' })).toBe(true);
        expect(await table.put(key(), { a: 2 }, { absent: 'pk' })).toBe(false);
        expect(await table.get(key())).toMatchObject({ a: 1 });
      });

      it('see an expired item as it is', async () => {
        const expiresAt = fixture.clock.now() / 1000 - 1;
        await table.put(key(), { a: 1, expiresAt });
        expect(await table.put(key(), { a: 2 }, { absent: 'pk' })).toBe(false);
        expect(await table.update(key(), { add: { a: 1 } }, { present: 'pk' })).toMatchObject({
          a: 2,
        });
      });

      it('let exactly one of many writers win', async () => {
        const writers = Array.from({ length: 20 }, (_, i) =>
          table.put(key(), { writer: i }, { absent: 'pk' }),
        );
        expect((await Promise.all(writers)).filter(Boolean)).toHaveLength(1);
      });

      it('take names that DynamoDB reserves, and odd ones', async () => {
        await table.put(key(), { status: 'a', 'a.b #:': 1 });
        const condition: Condition = {
          all: [
            { attribute: 'status', is: '=', value: 'a' },
            { attribute: 'a.b #:', is: '=', value: 1 },
          ],
        };
        const change = { set: { name: 'n' }, add: { count: 1 }, remove: ['a.b #:'] };
        expect(await table.update(key(), change, condition)).toEqual({
          status: 'a',
          name: 'n',
          count: 1,
          ...key(),
        });
      });
    });

    describe('update', () => {
      it('sets, adds and removes, and answers the whole item', async () => {
        await table.put(key(), { keep: 1, replace: [1], sum: 5, gone: 'x' });
        const change = { set: { replace: { a: 1 } }, add: { sum: -2, fresh: 3 }, remove: ['gone'] };
        const expected = { keep: 1, replace: { a: 1 }, sum: 3, fresh: 3, ...key() };
        expect(await table.update(key(), change)).toEqual(expected);
        expect(await table.get(key())).toEqual(expected);
      });

      it('makes an item that was not there', async () => {
        expect(await table.update(key(), { add: { n: 2 } })).toEqual({ n: 2, ...key() });
        expect(await table.update(key('OTHER'), {})).toEqual(key('OTHER'));
      });

      it('removes what is not there in silence', async () => {
        expect(await table.update(key(), { remove: ['a'] })).toEqual(key());
      });

      it('loses no addition of many at once', async () => {
        await Promise.all(Array.from({ length: 50 }, () => table.update(key(), { add: { n: 2 } })));
        expect(await table.get(key())).toMatchObject({ n: 100 });
      });

      it.each([
        ['to add to a text', { add: { text: 1 } }],
        ['to change the key', { set: { sk: 'x' } }],
        ['to name an attribute twice', { set: { a: 1 }, remove: ['a'] }],
      ])('refuses %s', async (_what, change) => {
        await table.put(key(), { text: 'x' });
        await expect(table.update(key(), change)).rejects.toThrow();
        expect(await table.get(key())).toEqual({ text: 'x', ...key() });
      });
    });

    describe('delete', () => {
      it('removes the item, and is repeatable', async () => {
        await table.put(key(), { a: 1 });
        expect(await table.delete(key())).toBe(true);
        expect(await table.get(key())).toBeUndefined();
        expect(await table.delete(key())).toBe(true);
      });
    });

    describe('expiry', () => {
      it('hides an item once its second has come', async () => {
        const expiresAt = Math.floor(fixture.clock.now() / 1000) + 60;
        await table.put(key(), { ...owned('a'), expiresAt });
        expect(await table.get(key())).toBeDefined();
        fixture.clock.advance(61_000);
        expect(await table.get(key())).toBeUndefined();
        expect(await table.query({ partition: pk })).toEqual({ items: [] });
        expect(await table.query({ partition: `OWNER#${pk}`, index: 'byOwner' })).toEqual({
          items: [],
        });
      });

      it('leaves items without a number there alone', async () => {
        await table.put(key(), { expiresAt: 'never' });
        expect(await table.get(key())).toBeDefined();
      });
    });

    describe('query', () => {
      const sorts = (page: { items: Item[] }) => page.items.map((item) => item.sk);

      async function allPages(query: Query): Promise<unknown[][]> {
        const pages: unknown[][] = [];
        let after: string | undefined;
        do {
          const page = await table.query({ ...query, ...(after !== undefined && { after }) });
          pages.push(sorts(page));
          after = page.next;
        } while (after !== undefined);
        return pages;
      }

      async function putAll(...sks: string[]) {
        for (const sk of sks) await table.put(key(sk), { n: sk.length });
      }

      it('gives a partition in the order of its sort keys, by their UTF-8 bytes', async () => {
        // U+1F600 sorts before U+FF01 by UTF-16 units, and behind it by UTF-8 bytes.
        await putAll('b', 'a', '\u{1f600}', 'B', '！', 'aa');
        expect(sorts(await table.query({ partition: pk }))).toEqual([
          'B',
          'a',
          'aa',
          'b',
          '！',
          '\u{1f600}',
        ]);
        expect(sorts(await table.query({ partition: pk, descending: true, limit: 2 }))).toEqual([
          '\u{1f600}',
          '！',
        ]);
      });

      it('gives items of this partition and prefix alone, whole', async () => {
        await putAll('SHARD#1', 'SHARD#2', 'SHARE', 'META');
        await table.put({ pk: `${pk}0`, sk: 'SHARD#3' }, {});
        expect(await table.query({ partition: pk, prefix: 'SHARD#' })).toEqual({
          items: [
            { n: 7, ...key('SHARD#1') },
            { n: 7, ...key('SHARD#2') },
          ],
        });
      });

      it.each([{ descending: false }, { descending: true }])(
        'pages without gap or overlap, and knows the last page ($descending)',
        async ({ descending }) => {
          await putAll('META', 'S#1', 'S#2', 'S#3', 'S#4', 'T');
          const pages = await allPages({ partition: pk, prefix: 'S#', limit: 2, descending });
          const expected = [
            ['S#1', 'S#2'],
            ['S#3', 'S#4'],
          ];
          expect(pages).toEqual(
            descending ? expected.map((page) => page.toReversed()).toReversed() : expected,
          );
        },
      );

      it.each([
        [{ from: 'S#2' }, ['S#2', 'S#3', 'S#4']],
        [{ to: 'S#2' }, ['S#1', 'S#2']],
        [{ to: 'S#25' }, ['S#1', 'S#2']],
        [{ from: 'S#2', to: 'S#3' }, ['S#2', 'S#3']],
        [{ to: 'S#0' }, []],
      ])('gives items between bounds: %j', async (bounds, expected) => {
        await putAll('META', 'S#1', 'S#2', 'S#3', 'S#4', 'T');
        const query: Query = { partition: pk, prefix: 'S#', limit: 2, ...bounds };
        expect((await allPages(query)).flat()).toEqual(expected);
        expect((await allPages({ ...query, descending: true })).flat()).toEqual(
          expected.toReversed(),
        );
      });

      it('finds the last key that is not behind another with one item read', async () => {
        await putAll('S#1', 'S#4', 'S#7');
        const query = { partition: pk, prefix: 'S#', descending: true, limit: 1 } as const;
        const { items } = await table.query({ ...query, to: 'S#6' });
        expect(items).toMatchObject([key('S#4')]);
      });

      it('fills pages across expired items', async () => {
        const expiresAt = fixture.clock.now() / 1000 - 10;
        for (let i = 0; i < 9; i++) {
          await table.put(key(`S#${i}`), i % 3 === 0 ? {} : { expiresAt });
        }
        expect(await allPages({ partition: pk, limit: 2 })).toEqual([['S#0', 'S#3'], ['S#6']]);
      });

      it('gives 100 items unless told', async () => {
        await Promise.all(Array.from({ length: 101 }, (_, i) => table.put(key(`S#${i}`), {})));
        const page = await table.query({ partition: pk });
        expect(page.items).toHaveLength(100);
        expect(page.next).toBeDefined();
      });

      it('goes on behind an item that was deleted meanwhile', async () => {
        await putAll('a', 'b', 'c');
        const { next = '' } = await table.query({ partition: pk, limit: 2 });
        await table.delete(key('b'));
        expect(sorts(await table.query({ partition: pk, after: next }))).toEqual(['c']);
      });

      it('reads pages of more than a megabyte', async () => {
        const text = 'x'.repeat(300_000);
        for (let i = 0; i < 5; i++) await table.put(key(`S#${i}`), { text });
        const page = await table.query({ partition: pk });
        expect(page.items).toHaveLength(5);
        expect(page.next).toBeUndefined();
      });

      it('lists an owner by the index, newest first, across partitions', async () => {
        for (const id of ['1', '2', '3']) {
          const item = { ...owned(`task_${id}`), status: id, expiresAt: 4e9, counter: 1 };
          await table.put({ pk: `${pk}#${id}`, sk: 'META' }, item);
        }
        await table.put(key('META'), { ownerKey: 'OWNER#other', ownerSort: 'task_4' });
        const query: Query = {
          partition: `OWNER#${pk}`,
          index: 'byOwner',
          prefix: 'task_',
          descending: true,
          limit: 2,
        };
        const first = await table.query(query);
        expect(first.items.map((item) => item.status)).toEqual(['3', '2']);
        const second = await table.query({ ...query, ...(first.next && { after: first.next }) });
        // Counters are not in it.
        const shown = { pk: `${pk}#1`, sk: 'META', status: '1', expiresAt: 4e9 };
        expect(second.items).toEqual([{ ...shown, ...owned('task_1') }]);
        expect(second.next).toBeUndefined();
      });

      it('follows changes in the index', async () => {
        const query: Query = { partition: `OWNER#${pk}`, index: 'byOwner' };
        await table.put(key(), { ...owned('a'), status: 'x', n: 1 });
        await table.update(key(), { set: { ownerSort: 'b', status: 'y' }, add: { n: 1 } });
        expect((await table.query(query)).items).toEqual([
          { ...owned('b'), status: 'y', ...key() },
        ]);
        await table.update(key(), { remove: ['ownerKey'] });
        expect((await table.query(query)).items).toEqual([]);
      });

      it('lists in the index of active ones those that have its key, page by page', async () => {
        const query: Query = { partition: `OWNER#${pk}`, index: 'activeByOwner', limit: 1 };
        for (const id of ['1', '2', '3']) {
          const item = { ...owned(id), activeSort: id, status: 'running' };
          await table.put({ pk: `${pk}#${id}`, sk: 'META' }, item);
        }
        await table.update({ pk: `${pk}#2`, sk: 'META' }, { remove: ['activeSort'] });
        const pages = await allPages(query);
        expect(pages.flat()).toEqual(['META', 'META']);
        const { items } = await table.query({ ...query, limit: 9 });
        expect(items).toEqual(
          ['1', '3'].map((id) => ({
            pk: `${pk}#${id}`,
            sk: 'META',
            ownerKey: `OWNER#${pk}`,
            activeSort: id,
            status: 'running',
          })),
        );
      });

      it('refuses a cursor that it did not give out', async () => {
        await putAll('S#1', 'S#2', 'T');
        const { next = '' } = await table.query({ partition: pk, limit: 1 });
        const ofIndex = Buffer.from(JSON.stringify(['a', 'b', 'c'])).toString('base64url');
        const cursors = ['x', '%', `${next}=`, `${next}x`, 'bnVsbA', 'e30', 'W10', ofIndex];
        for (const after of cursors) {
          const error: unknown = await table
            .query({ partition: pk, after })
            .catch((e: unknown) => e);
          expect(error, after).toBeInstanceOf(Problem);
          expect(error).toMatchObject({
            code: 'VALIDATION_ERROR',
            errors: [{ pointer: '/cursor' }],
          });
        }
        const elsewhere = { partition: pk, prefix: 'T', after: next };
        await expect(table.query(elsewhere)).rejects.toBeInstanceOf(Problem);
        const asIndex: Query = { partition: 'o', index: 'byOwner', after: next };
        await expect(table.query(asIndex)).rejects.toBeInstanceOf(Problem);
      });
    });
  });
}
