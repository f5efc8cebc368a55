/** What of a text may look otherwise than people expect: scripts, signs and line breaks. */
import { hasIllegalCharacters } from '../rendering/escaping.ts';

export const TEXT_FEATURES = [
  'illegal',
  'rightToLeft',
  'combining',
  'emoji',
  'lineBreak',
  'script',
] as const;
export type TextFeature = (typeof TEXT_FEATURES)[number];

const MARK = /\p{Mark}/u;
/** They choose between the forms of a sign, an emoji's mostly. */
const VARIANTS = /[\ufe00-\ufe0f]/g;
/** Nothing of it is in a text of these signs alone. */
const PLAIN = /^[\x20-\x7e]*$/;

/** Scripts that are written from right to left. */
const RIGHT_TO_LEFT =
  /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;
/** Signs that turn the direction of writing. */
const TURNS = /[\u200f\u202b\u202e\u2067]/;
const OTHER_LETTER =
  /(?![\p{Script=Latin}\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}])\p{Letter}/u;

const TESTS: Readonly<Record<TextFeature, (text: string) => boolean>> = {
  illegal: hasIllegalCharacters,
  rightToLeft: (text) => RIGHT_TO_LEFT.test(text) || TURNS.test(text),
  combining: (text) => MARK.test(text) && MARK.test(text.normalize('NFC').replace(VARIANTS, '')),
  emoji: (text) => /\p{Extended_Pictographic}|\p{Regional_Indicator}/u.test(text),
  lineBreak: (text) => /[\n\r\u2028\u2029]/.test(text),
  script: (text) => OTHER_LETTER.test(text),
};

/** Calls `found` with each that a text has. */
export function eachTextFeature(text: string, found: (feature: TextFeature) => void): void {
  if (PLAIN.test(text)) return;
  for (const feature of TEXT_FEATURES) if (TESTS[feature](text)) found(feature);
}
