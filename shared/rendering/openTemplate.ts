/**
 * Opens a template and makes it ready to be filled: takes away what no document may take along, and
 * turns what Word fills itself into tags. Everything that renders begins here.
 */
import { withParts } from '../office/changePackage.ts';
import { cleanPackage, type CleanedPackage } from '../office/cleanPackage.ts';
import { openWordPackage, type WordPackage } from '../office/wordPackage.ts';
import { XmlMalformed } from '../office/xmlScan.ts';
import { withFields } from './mergeFields/templateFields.ts';
import { withOwnTargets } from './places/ownTargets.ts';
import { withOwnIds } from './repairs/templateIds.ts';
import { withTagCharacters } from './tagCharacters.ts';

/** @throws Problem TEMPLATE_INVALID as openWordPackage() does */
export function openTemplate(bytes: Uint8Array): WordPackage {
  const template = withOwnIds(openWordPackage(bytes));
  const { mainPart } = template;
  try {
    const fields = withFields(withOwnTargets(withTagCharacters(template)));
    const { parts, xml } = fields.template;
    const found = cleanPackage(new Set(parts.map(({ name }) => name)), mainPart, (name) =>
      new TextDecoder().decode(xml.get(name)),
    );
    const cleaned = withParts(fields.template, found.changed, found.removed);
    return {
      ...cleaned,
      warnings: [
        ...cleaned.warnings,
        ...warningsOf(found, fields.names),
        ...keptWarnings(fields.kept, fields.unknown),
      ],
    };
  } catch (error) {
    // Reading its tags says which part is not well-formed.
    if (error instanceof XmlMalformed) return template;
    throw error;
  }
}

function keptWarnings(kept: readonly string[], unknown: readonly string[]): string[] {
  const warnings: string[] = [];
  if (kept.length > 0) {
    warnings.push(
      `The template has fields that only a mail merge by Word computes: ${kept.slice(0, LISTED_FIELDS).join(', ')}. Documents keep what these fields last showed. Write tags instead, such as {#name}…{/name} for a condition.`,
    );
  }
  if (unknown.length > 0) {
    warnings.push(
      `Merge fields are filled without formats that are not known here: ${unknown.slice(0, LISTED_FIELDS).join(', ')}.`,
    );
  }
  return warnings;
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
