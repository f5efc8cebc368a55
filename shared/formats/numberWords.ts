/** Numbers in words, by language (n2words). */
import * as arSA from 'n2words/ar-SA';
import * as csCZ from 'n2words/cs-CZ';
import * as daDK from 'n2words/da-DK';
import * as deDE from 'n2words/de-DE';
import * as elGR from 'n2words/el-GR';
import * as enGB from 'n2words/en-GB';
import * as enIN from 'n2words/en-IN';
import * as enUS from 'n2words/en-US';
import * as esES from 'n2words/es-ES';
import * as esMX from 'n2words/es-MX';
import * as fiFI from 'n2words/fi-FI';
import * as frFR from 'n2words/fr-FR';
import * as heIL from 'n2words/he-IL';
import * as hiIN from 'n2words/hi-IN';
import * as hrHR from 'n2words/hr-HR';
import * as huHU from 'n2words/hu-HU';
import * as idID from 'n2words/id-ID';
import * as itIT from 'n2words/it-IT';
import * as jaJP from 'n2words/ja-JP';
import * as koKR from 'n2words/ko-KR';
import * as nbNO from 'n2words/nb-NO';
import * as nlNL from 'n2words/nl-NL';
import * as plPL from 'n2words/pl-PL';
import * as ptPT from 'n2words/pt-PT';
import * as roRO from 'n2words/ro-RO';
import * as ruRU from 'n2words/ru-RU';
import * as svSE from 'n2words/sv-SE';
import * as trTR from 'n2words/tr-TR';
import * as ukUA from 'n2words/uk-UA';
import * as viVN from 'n2words/vi-VN';
import * as zhCN from 'n2words/zh-Hans-CN';
import * as zhTW from 'n2words/zh-Hant-TW';

/** What is made of a number: how many, an amount of the language's own money, or which in a row. */
export const WORD_KINDS = ['number', 'money', 'ordinal'] as const;
export type WordKind = (typeof WORD_KINDS)[number];

interface Language {
  readonly toCardinal: (value: string) => string;
  readonly toCurrency?: (value: string) => string;
  readonly toOrdinal?: (value: string) => string;
}

/** By tag; the first of a language stands for it. */
const LANGUAGES: Readonly<Record<string, Language>> = {
  'ar-SA': arSA,
  'cs-CZ': csCZ,
  'da-DK': daDK,
  'de-DE': deDE,
  'el-GR': elGR,
  'en-US': enUS,
  'en-GB': enGB,
  'en-IN': enIN,
  'es-ES': esES,
  'es-MX': esMX,
  'fi-FI': fiFI,
  'fr-FR': frFR,
  'he-IL': heIL,
  'hi-IN': hiIN,
  'hr-HR': hrHR,
  'hu-HU': huHU,
  'id-ID': idID,
  'it-IT': itIT,
  'ja-JP': jaJP,
  'ko-KR': koKR,
  'nb-NO': nbNO,
  'nl-NL': nlNL,
  'pl-PL': plPL,
  'pt-PT': ptPT,
  'ro-RO': roRO,
  'ru-RU': ruRU,
  'sv-SE': svSE,
  'tr-TR': trTR,
  'uk-UA': ukUA,
  'vi-VN': viVN,
  'zh-CN': zhCN,
  'zh-TW': zhTW,
};

const nameOf = (tag: string) => tag.split('-')[0]?.toLowerCase() ?? '';

function languageOf(tag: string): Language | undefined {
  const wanted = tag.toLowerCase();
  const exact = Object.keys(LANGUAGES).find((key) => key.toLowerCase() === wanted);
  const found = exact ?? Object.keys(LANGUAGES).find((key) => nameOf(key) === nameOf(tag));
  return found === undefined ? undefined : LANGUAGES[found];
}

/** Names of the languages that there are words of. */
export const wordLanguages = (): string[] => [...new Set(Object.keys(LANGUAGES).map(nameOf))];

/**
 * @returns for a number as digits: its words; undefined for a kind that the language does not have, or a
 *   number that has none, such as a negative one in a row. Undefined as a whole for an unknown language.
 */
export function numberWords(
  tag: string,
  kind: WordKind,
): ((digits: string) => string | undefined) | undefined {
  const language = languageOf(tag);
  const write =
    kind === 'number'
      ? language?.toCardinal
      : kind === 'money'
        ? language?.toCurrency
        : language?.toOrdinal;
  if (!write) return undefined;
  return (digits) => {
    try {
      return write(digits);
    } catch {
      return undefined;
    }
  };
}
