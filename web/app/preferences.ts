/** Language and theme, kept on this computer: they are no secret. */
import { LANGUAGES, LOCALES, preferredLanguage, type Language } from '../texts/languages.ts';
import { store, stored } from './stored.ts';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

export interface Preferences {
  readonly language: Language;
  readonly theme: Theme;
}

const isOneOf = <T extends string>(values: readonly T[], value: string | undefined): value is T =>
  values.some((one) => one === value);

export function readPreferences(): Preferences {
  const language = stored('computer', 'sheaf.language');
  const theme = stored('computer', 'sheaf.theme');
  return {
    language: isOneOf(LANGUAGES, language) ? language : preferredLanguage(navigator.languages),
    theme: isOneOf(THEMES, theme) ? theme : 'system',
  };
}

export function keepPreferences({ language, theme }: Preferences): void {
  store('computer', 'sheaf.language', language);
  store('computer', 'sheaf.theme', theme === 'system' ? undefined : theme);
}

/** Tells the document: styles and screen readers go by it. */
export function applyPreferences({ language, theme }: Preferences): void {
  const root = document.documentElement;
  root.lang = LOCALES[language];
  if (theme === 'system') delete root.dataset['theme'];
  else root.dataset['theme'] = theme;
}
