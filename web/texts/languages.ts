/** The languages that there are; a file of a catalogue is loaded when it is wanted. */
import type { Catalogue, TextFile, Texts } from './texts.ts';

export const LANGUAGES = ['en', 'zh'] as const;
export type Language = (typeof LANGUAGES)[number];

/** Names of the languages in themselves, and their locales. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = { en: 'English', zh: '中文' };
export const LOCALES: Readonly<Record<Language, string>> = { en: 'en', zh: 'zh-CN' };

/** The locale that dates are written in: the first of the browser's that is of the language. */
export const regionOf = (language: Language, wanted: readonly string[]): string =>
  wanted.find((tag) => baseOf(tag) === language) ?? LOCALES[language];

type Files = { readonly [F in TextFile]: () => Promise<Catalogue[F]> };

const CATALOGUES: Readonly<Record<Language, Files>> = {
  en: {
    first: async () => (await import('./en/first.ts')).first,
    lists: async () => (await import('./en/lists.ts')).lists,
    parts: async () => (await import('./en/parts.ts')).parts,
    reasons: async () => (await import('./en/reasons.ts')).reasons,
    settings: async () => (await import('./en/settings.ts')).settings,
    task: async () => (await import('./en/task.ts')).task,
    wizard: async () => (await import('./en/wizard.ts')).wizard,
  },
  zh: {
    first: async () => (await import('./zh/first.ts')).first,
    lists: async () => (await import('./zh/lists.ts')).lists,
    parts: async () => (await import('./zh/parts.ts')).parts,
    reasons: async () => (await import('./zh/reasons.ts')).reasons,
    settings: async () => (await import('./zh/settings.ts')).settings,
    task: async () => (await import('./zh/task.ts')).task,
    wizard: async () => (await import('./zh/wizard.ts')).wizard,
  },
};

/** What was loaded: for one page, and so for every other. */
const there = new Map<Language, { readonly files: ReadonlySet<TextFile>; readonly texts: Texts }>();

/**
 * The texts of these files, and of those that were loaded before; the same object as long as none is added.
 * @throws TypeError when one cannot be loaded
 */
export async function loadTexts(language: Language, files: Iterable<TextFile>): Promise<Texts> {
  const wanted = [...files];
  const loaded = await Promise.all(wanted.map((file) => CATALOGUES[language][file]()));
  const before = there.get(language);
  if (before && wanted.every((file) => before.files.has(file))) return before.texts;
  const texts = Object.assign({}, before?.texts, ...loaded) as Texts;
  there.set(language, { files: new Set([...(before?.files ?? []), ...wanted]), texts });
  return texts;
}

const baseOf = (tag: string): string | undefined => tag.toLowerCase().split('-')[0];

/** The first of the browser's languages that there is a catalogue for. */
export function preferredLanguage(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const found = LANGUAGES.find((language) => baseOf(tag) === language);
    if (found) return found;
  }
  return 'en';
}
