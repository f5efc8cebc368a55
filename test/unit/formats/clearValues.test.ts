import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readClearDate, type DateOrder } from '../../../shared/formats/clearDates.ts';
import { readClearNumber, sumOf, type PointSign } from '../../../shared/formats/clearNumbers.ts';

describe('a number in a text', () => {
  it.each<[string, string, PointSign?]>([
    ['5', '5'],
    ['-5.25', '-5.25'],
    ['1,234.50', '1234.50'],
    ['1.234,50', '1234.50'],
    ['1.234.567', '1234567'],
    ['1,234,567.8', '1234567.8'],
    ["1'234.5", '1234.5'],
    ['1 234,5', '1234.5'],
    ['1\u202f234,5', '1234.5'],
    ['12,5', '12.5'],
    ['0,125', '0.125'],
    ['.5', '0.5'],
    ['€ 1.234,50', '1234.50'],
    ['1,234.50 EUR', '1234.50'],
    ['-$3.20', '-3.20'],
    ['$-3.20', '-3.20'],
    ['(3.20)', '-3.20'],
    ['12-', '-12'],
    ['12.5%', '0.125'],
    ['5 %', '0.05'],
    ['１２．５', '12.5'],
    ['−4', '-4'],
    ['1,234', '1234', '.'],
    ['1,234', '1.234', ','],
    ['1.234', '1.234', '.'],
    ['1.234', '1234', ','],
  ])('is read: %s', (text, digits, point) => {
    expect(readClearNumber(text, point)?.text).toBe(digits);
  });

  it.each([
    '',
    'n/a',
    '12a',
    'Room 5',
    '1,234',
    '1.234',
    '12.34.5',
    '1,23,4',
    '1.2,3.4',
    '--5',
    '(5',
    '-(5)-',
    '2026-11-25',
    '1 23',
    '1234567890123456',
  ])('is refused where it is none, or could be two: %s', (text) => {
    expect(readClearNumber(text)).toBeUndefined();
  });

  it('is what any number of a program is written as', () => {
    fc.assert(
      fc.property(fc.double({ min: -1e14, max: 1e14, noNaN: true }), (value) => {
        expect(Number(readClearNumber(value)?.text)).toBeCloseTo(value, 10);
      }),
    );
  });

  it('adds up without what binary fractions lose', () => {
    const numbers = [0.1, 0.2, '0.30', '-1,000.05'].map((each) => {
      const number = readClearNumber(each);
      if (!number) throw new Error('no number');
      return number;
    });
    expect(sumOf(numbers)).toEqual({ value: -999.45, text: '-999.45' });
    expect(sumOf([])?.value).toBe(0);
  });
});

describe('a date in a text', () => {
  it.each<[string, string, DateOrder?]>([
    ['2026-11-25', '2026-11-25'],
    ['2026-11-25T23:30:00Z', '2026-11-25'],
    ['2026/3/4', '2026-3-4'],
    ['2026年3月4日', '2026-3-4'],
    ['25.11.2026', '2026-11-25'],
    ['3.4.2026', '2026-4-3'],
    ['25/11/2026', '2026-11-25'],
    ['11/25/2026', '2026-11-25'],
    ['4/4/2026', '2026-4-4'],
    ['November 25, 2026', '2026-11-25'],
    ['25. März 2026', '2026-3-25'],
    ['3/4/2026', '2026-4-3', 'dmy'],
    ['3/4/2026', '2026-3-4', 'mdy'],
    ['03-04-2026', '2026-3-4', 'mdy'],
    ['25.11.26', '2026-11-25', 'dmy'],
  ])('is read: %s', (text, day, order) => {
    const date = readClearDate(text, 'de', order);
    expect(date && `${date.year}-${date.month}-${date.day}`).toBe(day);
  });

  it.each(['', 'soon', '3/4/2026', '03-04-2026', '25.11.26', '31/2/2026', '2026-13-01', '46351'])(
    'is refused where it is none, or could be two: %s',
    (text) => {
      expect(readClearDate(text, 'en-US')).toBeUndefined();
    },
  );
});
