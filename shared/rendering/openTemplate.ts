/**
 * Opens a template and makes it ready to be filled: takes away what no document may take along, and
 * turns what Word fills itself into tags. Everything that renders begins here.
 */
import { cleanPackage, type CleanedPackage } from '../office/cleanPackage.ts';
import { openWordPackage, type WordPackage } from '../office/wordPackage.ts';
import { XmlMalformed } from '../office/xmlScan.ts';
import { deflated } from './packageWriter.ts';

/** @throws Problem TEMPLATE_INVALID as openWordPackage() does */
export function openTemplate(bytes: Uint8Array): WordPackage {
  return cleaned(openWordPackage(bytes));
}

function cleaned(template: WordPackage): WordPackage {
  const { parts, xml, mainPart } = template;
  const names = new Set(parts.map(({ name }) => name));
  const textOf = (name: string) => new TextDecoder().decode(xml.get(name));
  try {
    const found = cleanPackage(names, mainPart, textOf);
    return withParts(template, found.changed, found.removed, warningsOf(found));
  } catch (error) {
    // Reading its tags says which part is not well-formed.
    if (error instanceof XmlMalformed) return template;
    throw error;
  }
}

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

function warningsOf({ isSigned, isMailMerge, attachedTo, paths }: CleanedPackage): string[] {
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
    warnings.push(
      'The template is a main document of a mail merge. Documents go without its connection to the list of recipients, which names a file and a query of its author; the rows of the task fill it instead.',
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
