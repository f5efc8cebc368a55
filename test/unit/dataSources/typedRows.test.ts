import { describe, expect, it } from 'vitest';
import { correctionOf, typedOfOthers } from '../../../shared/dataSources/corrections.ts';
import { readRetriedRows, retriedLine } from '../../../shared/dataSources/retryRows.ts';
import { allRows, readIndex, readRows, typedValues } from '../../../shared/dataSources/rows.ts';
import { createRowsWriter } from '../../../shared/dataSources/rowsWriter.ts';
import { collect } from '../../support/collect.ts';
import { createMemoryObjectStore } from '../../support/memoryObjectStore.ts';

async function tableOf(lines: readonly string[]) {
  const objects = createMemoryObjectStore();
  const writer = createRowsWriter({ objects }, { rowsKey: 'rows', indexKey: 'index' });
  for (const line of lines) writer.writeLine(line);
  await writer.finish();
  return { objects, range: allRows(await readIndex({ objects }, 'index')) };
}

describe('what is behind the values of a row', () => {
  it('is told for rows that have it, and for no others', async () => {
    const { objects, range } = await tableOf([
      '{"a":"12.5%","b":"x\\ty"}\t{"a":0.125}',
      '{"a":"x\\ty"}',
    ]);
    const [batch] = await collect(readRows({ objects }, 'rows', range));
    expect(batch?.rows).toEqual([
      { row: 1, values: { a: '12.5%', b: 'x\ty' }, typed: '{"a":0.125}' },
      { row: 2, values: { a: 'x\ty' } },
    ]);
    expect(batch?.rows.map(typedValues)).toEqual([{ a: 0.125 }, undefined]);
  });

  it('goes with a row that is made anew', async () => {
    const values = { a: '12.5%' };
    const { objects, range } = await tableOf([
      retriedLine({ row: 7, before: ['failed'], values, typed: '{"a":0.125}' }),
      retriedLine({ row: 9, before: [null], values }),
    ]);
    const [batch] = await collect(readRetriedRows({ objects }, 'rows', range));
    expect(batch?.rows).toEqual([
      { row: 7, before: ['failed'], values, typed: '{"a":0.125}' },
      { row: 9, before: [null], values },
    ]);
  });

  it('is no longer behind a value that was corrected', () => {
    const typed = '{"amount":12,"day":"2026-11-25","address":{"zip":1}}';
    const correction = correctionOf(
      1,
      { amount: '13', 'address.zip': '2' },
      new Set(['amount', 'day', 'address']),
    );
    expect(typedOfOthers(typed, correction)).toBe('{"day":"2026-11-25"}');
    expect(typedOfOthers('{"amount":12}', correction)).toBeUndefined();
    expect(typedOfOthers(typed, undefined)).toBe(typed);
    expect(typedOfOthers(undefined, correction)).toBeUndefined();
  });
});
