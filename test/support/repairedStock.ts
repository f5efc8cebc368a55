/**
 * What every document must equal: what stock docxtemplater writes, byte for byte, but where that breaks what
 * Word asks for; there the document must not.
 */
import { expect } from 'vitest';
import { findBreaches } from '../../shared/rendering/repairs/wordRules.ts';
import type { Row } from '../../shared/schemas/common.ts';
import { readParts } from './readParts.ts';
import { stockParts } from './stockDocxtemplater.ts';

/** What Word would refuse in a part, if it is XML. */
const breachesOf = (part: Uint8Array | undefined): string[] => {
  const text = Buffer.from(part ?? []).toString();
  return text.startsWith('<') ? findBreaches(text).map(({ rule }) => rule) : [];
};

/** A row with LF at the ends of all lines, as stock breaks them. */
const withLineFeeds = (row: Row): Row => fed(row) as Row;

function fed(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(/\r\n?|[\u2028\u2029]/g, '\n');
  if (Array.isArray(value)) return value.map(fed);
  return typeof value === 'object' && value !== null
    ? Object.fromEntries(Object.entries(value).map(([key, its]) => [key, fed(its)]))
    : value;
}

/**
 * Compares the parts of a document with what stock docxtemplater makes of the row.
 * @returns how many parts were equal, and how many were right where stock's are not
 */
export async function expectRepairedStock(
  ours: ReadonlyMap<string, Buffer>,
  template: Uint8Array,
  row: Row,
): Promise<{ equal: number; repaired: number }> {
  const stock = await stockParts(template, withLineFeeds(row));
  const unfilled = await readParts(template);
  let repaired = 0;
  expect([...ours.keys()].sort()).toEqual([...stock.keys()].sort());
  for (const [name, content] of ours) {
    const told = `${name} of ${JSON.stringify(row)}`;
    const before = breachesOf(unfilled.get(name));
    const expected = stock.get(name);
    if (breachesOf(expected).length > 0) {
      repaired++;
      expect(
        breachesOf(content).filter((rule) => !before.includes(rule)),
        told,
      ).toEqual([]);
    } else {
      expect(content.toString('latin1'), told).toBe(expected?.toString('latin1'));
    }
  }
  return { equal: ours.size - repaired, repaired };
}
