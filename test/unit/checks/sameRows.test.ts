import { describe, expect, it } from 'vitest';
import { createSameRows, MOST_PLACES } from '../../../shared/checks/sameRows.ts';

describe('rows that come again', () => {
  it('are found by the first of them, however many there are', () => {
    const same = createSameRows(20_000);
    for (let row = 1; row <= 10_000; row++) expect(same.add(`text ${row}`, row)).toBe(0);
    for (let row = 1; row <= 10_000; row++) {
      expect(same.add(`text ${row}`, 10_000 + row)).toBe(row);
    }
    expect(same.isPartial).toBe(false);
  });

  it('are left out where texts were made to have the same place, which is told', () => {
    const crafted = textsOfOnePlace(2 * MOST_PLACES, 4_096);
    const same = createSameRows(crafted.length);
    for (const [i, text] of crafted.entries()) expect(same.add(text, i + 1)).toBe(0);
    expect(same.isPartial).toBe(true);
    // Those that found a place are still known.
    expect(same.add(crafted[0] ?? '', 9_999)).toBe(1);
  });
});

/** Texts whose FNV-1a ends with the same bits. */
function textsOfOnePlace(count: number, places: number): string[] {
  const found: string[] = [];
  for (let i = 0; found.length < count; i++) {
    const text = `r${i}`;
    let hash = 0x811c9dc5;
    for (let at = 0; at < text.length; at++) {
      hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
    }
    if ((hash & (places - 1)) === 0) found.push(text);
  }
  return found;
}
