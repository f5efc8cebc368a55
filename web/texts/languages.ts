/** The languages that there are; a catalogue is loaded when it is wanted. */
import type { Texts } from './en.ts';

export const LANGUAGES = ['en', 'zh'] as const;
export type Language = (typeof LANGUAGES)[number];

/** Names of the languages in themselves, and their locales. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = { en: 'English', zh: '中文' };
export const LOCALES: Readonly<Record<Language, string>> = { en: 'en', zh: 'zh-CN' };

/** The locale that dates are written in: the first of the browser's that is of the language. */
export const regionOf = (language: Language, wanted: readonly string[]): string =>
  wanted.find((tag) => baseOf(tag) === language) ?? LOCALES[language];

const CATALOGUES: Readonly<Record<Language, () => Promise<Texts>>> = {
  en: async () => (await import('./en.ts')).en,
  zh: async () => (await import('./zh.ts')).zh,
};

export const loadTexts = (language: Language): Promise<Texts> => CATALOGUES[language]();

const baseOf = (tag: string): string | undefined => tag.toLowerCase().split('-')[0];

/** The first of the browser's languages that there is a catalogue for. */
export function preferredLanguage(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const found = LANGUAGES.find((language) => baseOf(tag) === language);
    if (found) return found;
  }
  return 'en';
}
