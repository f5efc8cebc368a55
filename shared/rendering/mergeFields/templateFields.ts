/** The fields of Word's mail merge in all parts of a template. */
import type { WordPackage } from '../../office/wordPackage.ts';
import { withParts } from '../../office/changePackage.ts';
import { OF_EAST_ASIAN, OF_LATIN } from './languages.ts';
import { fillFields, mayHoldFields } from './mergeFields.ts';

const NO_BLANK_LINES_GONE = /<(?:\w+:)?doNotSuppressBlankLines(?:\s[^>]*)?\/?>/;
const DEFAULT_LANGUAGES = /<(?:\w+:)?rPrDefault[\s>][^]*?<(?:\w+:)?lang(\s[^>]*)>/;

/**
 * The template with tags in place of the fields of a mail merge.
 * @throws XmlMalformed
 */
export function withFields(template: WordPackage) {
  const texts = new Map<string, string>();
  let language = 'en-US';
  let eastAsianLanguage: string | undefined;
  let keepsBlankLines = false;
  for (const [name, content] of template.xml) {
    if (!content.includes(LESS_THAN)) continue;
    const text = new TextDecoder().decode(content);
    if (/\.xml$/i.test(name) && mayHoldFields(text)) texts.set(name, text);
    const [, languages = ''] = DEFAULT_LANGUAGES.exec(text) ?? [];
    language = OF_LATIN.exec(languages)?.[1] ?? language;
    eastAsianLanguage = OF_EAST_ASIAN.exec(languages)?.[1] ?? eastAsianLanguage;
    keepsBlankLines ||= NO_BLANK_LINES_GONE.test(text);
  }
  const changed = new Map<string, string>();
  const names = new Set<string>();
  const kept = new Set<string>();
  const unknown = new Set<string>();
  for (const [name, text] of texts) {
    const filled = fillFields(text, { language, eastAsianLanguage, keepsBlankLines });
    for (const format of filled.unknown) unknown.add(format);
    if (filled.xml !== text) changed.set(name, filled.xml);
    for (const field of filled.names) names.add(field);
    for (const field of filled.kept) kept.add(field);
  }
  return {
    template: withParts(template, changed),
    names: [...names],
    kept: [...kept],
    unknown: [...unknown],
  };
}

const LESS_THAN = 0x3c;
