/** Formats of texts. */
import { NoValue, type Apply, type FormatKind } from './format.ts';
import { languageOf } from './languages.ts';
import { isNothing, ofScalars } from './values.ts';

/** A format that writes letters otherwise, by the rules of a language. */
const letters = (name: string, write: (text: string, language: string) => string): FormatKind => ({
  least: 0,
  most: 1,
  usage: `${name}, or ${name}:"tr" for the letters of a language`,
  reads: 'text',
  compile([tag]) {
    const language = languageOf(tag);
    if (typeof language !== 'string') return language;
    return ofScalars((shown) => write(String(shown), language));
  },
});

const FIRST_LETTER = /\p{L}/u;
/** The first letter of each word, behind blanks, hyphens and slashes. */
const FIRST_LETTERS = /(^|[\s\p{Pd}/(])(\p{L})/gu;

export const upper = letters('upper', (text, language) => text.toLocaleUpperCase(language));
export const lower = letters('lower', (text, language) => text.toLocaleLowerCase(language));
export const capitalize = letters('capitalize', (text, language) =>
  text.replace(FIRST_LETTER, (letter) => letter.toLocaleUpperCase(language)),
);
export const title = letters('title', (text, language) =>
  text
    .toLocaleLowerCase(language)
    .replace(
      FIRST_LETTERS,
      (_, before: string, letter: string) => before + letter.toLocaleUpperCase(language),
    ),
);

export const trim: FormatKind = {
  least: 0,
  most: 0,
  usage: 'trim',
  reads: 'text',
  // Of blanks alone nothing is left, which the others leave as it is.
  compile: () => {
    const inner = ofScalars((shown) => String(shown).trim());
    return (value, context) => (typeof value === 'string' ? value.trim() : inner(value, context));
  },
};

export const standIn: FormatKind = {
  least: 1,
  most: 1,
  usage: 'default:"–"',
  reads: 'text',
  compile:
    ([text = '']): Apply =>
    (value) =>
      value instanceof NoValue || isNothing(value) ? text : value,
};
