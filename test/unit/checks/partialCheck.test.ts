/** What a check does not look at, and that it says so. */
import { describe, expect, it } from 'vitest';
import { createNameUse } from '../../../shared/checks/nameUse.ts';
import { tellFindings } from '../../../shared/checks/findings.ts';
import type { ScannedRows } from '../../../shared/checks/scanRows.ts';
import { RowTally } from '../../../shared/checks/tally.ts';
import { tagTree, walkTags, type PlacedTag } from '../../../shared/tags/tagTree.ts';

const ROWS = 10;

function told(scanned: Partial<ScannedRows>) {
  const none = new RowTally();
  const names = createNameUse({
    pattern: '{row}',
    labels: ['letter'],
    spellings: undefined,
    rowCount: ROWS,
  });
  const { findings } = tellFindings({
    compared: { unfilled: [], matched: [], unused: [], spellings: [], mappingFaults: [] },
    labels: ['letter'],
    columns: [],
    missingValue: 'empty',
    rowCount: ROWS,
    scanned: {
      rows: ROWS,
      taken: ROWS,
      columns: [],
      profilesAll: true,
      templates: [],
      names,
      duplicates: none,
      comparesAll: true,
      blank: none,
      leftOut: none,
      refused: new Map(),
      cut: none,
      faults: [],
      ...scanned,
      ...(scanned.names && { names: { ...names, ...scanned.names } }),
    },
  });
  return findings;
}

const met = (row: number) => {
  const tally = new RowTally();
  tally.add(row);
  return tally;
};

describe('a check of a part', () => {
  it('says nothing where all was looked at', () => {
    expect(told({})).toEqual([]);
  });

  it('is an error where rows were not read: strict promises nothing of them', () => {
    expect(told({ rows: 4 })).toMatchObject([{ code: 'CHECK_PARTIAL', severity: 'error' }]);
  });

  it('warns of documents whose end was not looked at', () => {
    expect(told({ cut: met(7) })).toMatchObject([
      { code: 'CHECK_PARTIAL', severity: 'warning', count: 1, firstRows: [7] },
    ]);
  });

  it('warns of rows and of names that were not compared', () => {
    const names = {
      ...createNameUse({ pattern: '{row}', labels: [], spellings: undefined, rowCount: ROWS }),
      comparesAll: false,
    };
    expect(told({ comparesAll: false })[0]?.detail).toMatch(/may come again\.$/);
    expect(told({ names })[0]?.detail).toMatch(/may give the same file name\.$/);
    const [both, ...more] = told({ names, comparesAll: false });
    expect(both?.severity).toBe('warning');
    expect(both?.detail).toContain('come again or give the same file name');
    expect(more).toEqual([]);
  });
});

describe('going over the tags of a row', () => {
  const value: PlacedTag = { written: 'name', kind: 'value', inner: [] };
  const list = (inner: PlacedTag): PlacedTag => ({
    written: 'items',
    kind: 'section',
    inner: [inner],
  });

  it('ends where a list repeats itself without end', () => {
    let read = 0;
    const visitor = { value: () => void read++, section: () => undefined };
    const row = { name: 'x', items: Array.from({ length: 1_000 }, () => ({})) };
    const tree = tagTree([list(list(value))]);
    expect(walkTags(tree, row, undefined, visitor, 5_000)).toBe(false);
    expect(read).toBeLessThan(5_001);
    read = 0;
    expect(walkTags(tree, { ...row, items: [{}, {}] }, undefined, visitor, 7)).toBe(true);
    expect(read).toBe(4);
  });
});
