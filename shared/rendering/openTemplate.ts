/**
 * Opens a template and makes it ready to be filled: takes away what no document may take along, and
 * turns what Word fills itself into tags. Everything that renders begins here.
 */
import { cleanPackage, type CleanedPackage } from '../office/cleanPackage.ts';
import { openWordPackage, type WordPackage } from '../office/wordPackage.ts';
import { XmlMalformed } from '../office/xmlScan.ts';
import { fillFields, mayHoldFields } from './mergeFields/mergeFields.ts';
import { deflated } from './packageWriter.ts';

/** @throws Problem TEMPLATE_INVALID as openWordPackage() does */
export function openTemplate(bytes: Uint8Array): WordPackage {
  const template = openWordPackage(bytes);
  const { parts, xml, mainPart } = template;
  const names = new Set(parts.map(({ name }) => name));
  const textOf = (name: string) => new TextDecoder().decode(xml.get(name));
  try {
    const fields = withFields(template);
    const found = cleanPackage(names, mainPart, textOf);
    const clean = withParts(fields.template, found.changed, found.removed, [
      ...warningsOf(found, fields.names),
      ...keptWarnings(fields.kept),
    ]);
    return clean;
  } catch (error) {
    // Reading its tags says which part is not well-formed.
    if (error instanceof XmlMalformed) return template;
    throw error;
  }
}

const NO_BLANK_LINES_GONE = /<(?:\w+:)?doNotSuppressBlankLines(?:\s[^>]*)?\/?>/;
const DEFAULT_LANGUAGE =
  /<(?:\w+:)?rPrDefault[\s>][^]*?<(?:\w+:)?lang\s[^>]*?val\s*=\s*["']([^"']+)["']/;

/** The template with tags in place of the fields of a mail merge. */
function withFields(template: WordPackage) {
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
  for (const [name, text] of texts) {
    const filled = fillFields(text, { language, keepsBlankLines });
    if (filled.xml !== text) changed.set(name, filled.xml);
    for (const field of filled.names) names.add(field);
    for (const field of filled.kept) kept.add(field);
  }
  return {
    template: changed.size === 0 ? template : withParts(template, changed, new Set(), []),
    names: [...names],
    kept: [...kept],
  };
}

const LESS_THAN = 0x3c;

const keptWarnings = (kept: readonly string[]): string[] =>
  kept.length === 0
    ? []
    : [
        `The template has fields that only a mail merge by Word computes: ${kept.slice(0, LISTED_FIELDS).join(', ')}. Documents keep what these fields last showed. Write tags instead, such as {#name}…{/name} for a condition.`,
      ];

/** The package with other content in some parts, and without others. */
export function withParts(
  template: WordPackage,
  changed: ReadonlyMap<string, string>,
  removed: ReadonlySet<string>,
  warnings: readonly string[],
): WordPackage {
  const contents = new Map(
    Array.from(changed, ([name, text]) => [name, new TextEncoder().encode(text)]),
  );
  const xml = Array.from(template.xml, ([name, content]): [string, Uint8Array] => [
    name,
    contents.get(name) ?? content,
  ]);
  return {
    ...template,
    parts: template.parts
      .filter(({ name }) => !removed.has(name))
      .map((part) => {
        const content = contents.get(part.name);
        return content ? deflated(part.name, content) : part;
      }),
    xml: new Map(xml.filter(([name]) => !removed.has(name))),
    warnings: [...template.warnings, ...warnings],
  };
}

/** Paths that a warning names; the others are counted. */
const LISTED = 3;

/** Fields that a warning names. */
const LISTED_FIELDS = 10;

function warningsOf(
  { isSigned, isMailMerge, attachedTo, paths }: CleanedPackage,
  fields: readonly string[],
): string[] {
  const warnings = attachedTo.map(
    (target) =>
      `The template is attached to another one, ${quoted(target)}, which Word would load for every document, macros included: documents are not attached to it.`,
  );
  if (isSigned) {
    warnings.push(
      'The template has a digital signature. Filling changes what was signed, so documents go without it: sign them once they are filled.',
    );
  }
  if (isMailMerge) {
    const named = fields.slice(0, LISTED_FIELDS).join(', ');
    const more = fields.length > LISTED_FIELDS ? ` and ${fields.length - LISTED_FIELDS} more` : '';
    warnings.push(
      `The template is a main document of a mail merge. Documents go without its connection to the list of recipients, which names a file and a query of its author${named === '' ? '.' : `; its fields are filled from the columns of the rows: ${named}${more}.`}`,
    );
  }
  const listed = paths.slice(0, LISTED).map(({ part, path }) => `${quoted(path)} in ${part}`);
  const more = paths.length - listed.length;
  if (listed.length > 0) {
    warnings.push(
      `The template names files of a computer or network, which all recipients see and cannot open: ${listed.join(', ')}${more > 0 ? ` and ${more} more` : ''}. Remove the links or alternative texts.`,
    );
  }
  return warnings;
}

const quoted = (text: string) => `"${text.length > 80 ? `${text.slice(0, 80)}…` : text}"`;
