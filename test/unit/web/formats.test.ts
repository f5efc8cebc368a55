import { describe, expect, it } from 'vitest';
import { first as en } from '../../../web/texts/en/first.ts';
import { createFormats } from '../../../web/texts/formats.ts';
import { LOCALES, regionOf } from '../../../web/texts/languages.ts';
import { first as zh } from '../../../web/texts/zh/first.ts';

const english = createFormats(LOCALES.en, en);
const chinese = createFormats(LOCALES.zh, zh);
const NOON = '2026-03-01T12:00:00Z';

describe('what numbers and times look like', () => {
  it('keeps the items of a list apart, in every language', () => {
    expect(english.list(['731', '1731'])).toBe('731, 1731');
    expect(chinese.list(['731', '1731'])).toBe('731、1731');
  });

  it('writes dates as the language does where somebody is, and numbers as the texts do', () => {
    expect(regionOf('en', ['de-DE', 'en-GB', 'en-US'])).toBe('en-GB');
    expect(regionOf('en', ['de-DE'])).toBe('en');
    expect(regionOf('zh', ['en-GB'])).toBe('zh-CN');
    const british = createFormats(LOCALES.en, en, regionOf('en', ['en-GB']));
    expect(british.date(NOON)).toMatch(/^1 Mar 2026/);
    expect(english.date(NOON)).toMatch(/^Mar 1, 2026/);
    const indian = createFormats(LOCALES.en, en, 'en-IN');
    expect(indian.number(1_000_000)).toBe('1,000,000');
  });

  it('says the singular where one is meant', () => {
    expect(english.duration(61)).toBe('1 minute 1 second');
    expect(english.duration(59.7)).toBe('1 minute');
    expect(chinese.duration(7_260)).toBe('2 小时 1 分钟');
  });

  it('of what has been are in no future, by a clock that is a day behind', () => {
    const { ago, since } = createFormats('en', en);
    const now = Date.parse('2026-01-01T00:00:00Z');
    expect(since('2026-01-02T00:00:00Z', now)).toBe('now');
    expect(since('2025-12-31T00:00:00Z', now)).toBe(ago('2025-12-31T00:00:00Z', now));
    expect(ago('2026-01-02T00:00:00Z', now)).toBe('tomorrow');
  });
});
