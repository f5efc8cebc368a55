/** The fields of Word's mail merge in all parts of a template. */
import type { WordPackage } from '../../office/wordPackage.ts';
import { withParts } from '../../office/changePackage.ts';
import { fillFields, mayHoldFields } from './mergeFields.ts';

const NO_BLANK_LINES_GONE = /<(?:\w+:)?doNotSuppressBlankLines(?:\s[^>]*)?\/?>/;
const DEFAULT_LANGUAGE =
  /<(?:\w+:)?rPrDefault[\s>][^]*?<(?:\w+:)?lang\s[^>]*?val\s*=\s*["']([^"']+)["']/;

/**
 * The template with tags in place of the fields of a mail merge.
 * @throws XmlMalformed
 */
export function withFields(template: WordPackage) {
  const texts = new Map<string, string>();
  let language = 'en-US';
  let keepsBlankLines = false;
  for (const [name, content] of template.xml) {
    if (!content.includes(LESS_THAN)) continue;
    const text = new TextDecoder().decode(content);
    if (/\.xml$/i.test(name) && mayHoldFields(text)) texts.set(name, text);
    language = DEFAULT_LANGUAGE.exec(text)?.[1] ?? language;
    keepsBlankLines ||= NO_BLANK_LINES_GONE.test(text);
  }
  const changed = new Map<string, string>();
  const names = new Set<string>();
  const kept = new Set<string>();
  const unknown = new Set<string>();
  for (const [name, text] of texts) {
    const filled = fillFields(text, { language, keepsBlankLines });
    for (const format of filled.unknown) unknown.add(format);
    if (filled.xml !== text) changed.set(name, filled.xml);
    for (const field of filled.names) names.add(field);
    for (const field of filled.kept) kept.add(field);
  }
  return {
    template: changed.size === 0 ? template : withParts(template, changed),
    names: [...names],
    kept: [...kept],
    unknown: [...unknown],
  };
}

const LESS_THAN = 0x3c;
