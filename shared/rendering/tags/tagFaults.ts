/** docxtemplater's errors of parsing, as faults that people can act on. */
import type { ParsedPart } from '../parsedPieces.ts';
import { TagFault } from '../tagParser.ts';
import type { TemplateFaultCode } from '../../problems.ts';
import { partText, type PartText } from './partText.ts';
import type { TemplateFault } from '../../templateFaults.ts';

/** What docxtemplater's errors carry (its errors.js), as far as it is used here. */
interface ErrorProperties {
  readonly id?: string;
  readonly file?: string;
  readonly offset?: number | readonly number[];
  readonly openingtag?: string;
  readonly closingtag?: string;
  readonly rootError?: unknown;
  readonly errors?: readonly unknown[];
}

/**
 * All faults that an error of parsing reports, in the order of the document; none for undefined.
 * @throws the error, when it is none of docxtemplater's
 */
export function parsingFaults(
  error: Error | undefined,
  parts: ReadonlyMap<string, ParsedPart>,
): TemplateFault[] {
  if (error === undefined) return [];
  const { id, errors } = propertiesOf(error);
  if (id === undefined) throw error;
  const order = [...parts.keys()];
  const rank = new Map(order.map((name, i) => [name, i]));
  const rankOf = (part: string) => rank.get(part) ?? -1;
  const texts = new Map(
    [...parts].map(([name, { pieces = [] }]) => [name, partText(pieces)] as const),
  );
  const found = (errors ?? [error]).flatMap((each) => {
    const properties = propertiesOf(each);
    // An error that stopped docxtemplater does not name its part: it is the one it came to last.
    const part = properties.file ?? order.at(-1) ?? '';
    const offset = [properties.offset ?? -1].flat()[0] ?? -1;
    const text = texts.get(part) ?? partText([]);
    if (isEcho(properties, offset, text)) return [];
    return faultsOf(properties, part, offset, text).map((fault) => ({ part, offset, fault }));
  });
  found.sort((a, b) => rankOf(a.part) - rankOf(b.part) || a.offset - b.offset);
  return distinct(found).map(({ fault }) => fault);
}

/** A stray brace may make docxtemplater find the tag before it at fault twice. */
function distinct<T extends { part: string; offset: number; fault: TemplateFault }>(
  found: T[],
): T[] {
  const seen = new Set<string>();
  return found.filter(({ part, offset, fault }) => {
    const key = JSON.stringify([part, offset, fault.detail]);
    return !seen.has(key) && seen.add(key);
  });
}

/** A stray brace, which is reported as such, leaves an empty tag behind that nobody wrote. */
function isEcho({ rootError }: ErrorProperties, offset: number, text: PartText): boolean {
  return (
    rootError instanceof TagFault &&
    rootError.kind === 'empty' &&
    (offset < 0 || !/^\{[#^@]?\s*\}$/.test(text.tagAt(offset)))
  );
}

const propertiesOf = (error: unknown): ErrorProperties =>
  (error as { properties?: ErrorProperties } | null)?.properties ?? {};

/** Ids of errors about a part's XML; what they name as a place is none that people could find. */
const NO_XML = new Set<string | undefined>(['file_has_invalid_xml', 'malformed_xml']);

/** Each format of a tag may have a fault of its own. */
function faultsOf(
  error: ErrorProperties,
  part: string,
  offset: number,
  text: PartText,
): TemplateFault[] {
  const { rootError } = error;
  const fault = faultOf(error, part, offset, text);
  if (!(rootError instanceof TagFault) || rootError.kind !== 'formats') return [fault];
  const near = offset < 0 ? '' : ` (near "${text.around(offset)}")`;
  return rootError.formats.map(({ code, detail }) => ({
    ...fault,
    code,
    detail: `${detail}${near}`,
  }));
}

function faultOf(
  error: ErrorProperties,
  part: string,
  offset: number,
  text: PartText,
): TemplateFault {
  if (offset < 0 || NO_XML.has(error.id)) {
    const isBraces = error.id === 'change_delimiters_invalid';
    return {
      code: isBraces ? 'TAG_BRACES' : 'PART_UNREADABLE',
      pointer: part,
      detail: wholePartDetail(error.id, part),
    };
  }
  const paragraph = text.paragraphAt(offset);
  return {
    code: codeOf(error),
    pointer: paragraph > 0 ? `${part}, paragraph ${paragraph}` : part,
    detail: `${tagDetail(error, offset, text)} (near "${text.around(offset)}")`,
  };
}

/** The codes of docxtemplater's errors, by its ids. */
const CODES: Readonly<Record<string, TemplateFaultCode>> = {
  unclosed_tag: 'TAG_UNCLOSED',
  unopened_tag: 'TAG_UNOPENED',
  duplicate_open_tag: 'TAG_BRACES',
  duplicate_close_tag: 'TAG_BRACES',
  unclosed_loop: 'SECTION_UNCLOSED',
  unopened_loop: 'SECTION_UNOPENED',
  closing_tag_does_not_match_opening_tag: 'SECTION_CROSSED',
  unbalanced_loop_tags: 'SECTION_CROSSED',
  loop_position_invalid: 'SECTION_MISPLACED',
};

function codeOf({ id = '', rootError }: ErrorProperties): TemplateFaultCode {
  if (id !== 'scopeparser_compilation_failed') return CODES[id] ?? 'TAG_MISPLACED';
  if (!(rootError instanceof TagFault)) return 'TAG_UNREADABLE';
  if (rootError.kind === 'formats') return 'FORMAT_ARGUMENT';
  return rootError.kind === 'empty' ? 'TAG_EMPTY' : 'TAG_SPACED';
}

function wholePartDetail(id: string | undefined, part: string): string {
  if (NO_XML.has(id)) {
    return `The part ${part} is not well-formed XML. Save the file again with Word.`;
  }
  return id === 'change_delimiters_invalid'
    ? `A tag in ${part} begins with {=, which changes the braces of tags, but does not name new ones. Remove the =.`
    : `The part ${part} cannot be read (${id}). Save the file again with Word.`;
}

/** How docs/templates.md has it. */
const LITERAL_BRACES =
  'Where braces are text, write {=[[ ]]=} before them, and tags as [[name]] from there on';

function tagDetail(error: ErrorProperties, offset: number, text: PartText): string {
  const tag = text.tagAt(offset);
  const name = tag.replace(/^\{[#^/@]?|\}$/g, '');
  switch (error.id) {
    case 'unclosed_tag':
      return `The tag ${tag} is opened but never closed. Add } at its end. ${LITERAL_BRACES}`;
    case 'unopened_tag':
      return `There is a } without a { before it. Open the tag with {, or remove the }. ${LITERAL_BRACES}`;
    case 'duplicate_open_tag':
      return 'Two { follow each other. Tags have single braces: write {name}';
    case 'duplicate_close_tag':
      return 'Two } follow each other. Tags have single braces: write {name}';
    case 'unclosed_loop':
      return `The section ${tag} is never closed. Add {/${name}} where it ends`;
    case 'unopened_loop':
      return `The closing tag ${tag} has no section to close. Add {#${name}} where it begins, or remove it`;
    case 'closing_tag_does_not_match_opening_tag':
      return `The section {#${error.openingtag}} is closed by {/${error.closingtag}}. Sections must not cross, and are closed by their own name`;
    case 'unbalanced_loop_tags':
      return `Two sections share a table row without one holding the other, beginning at ${tag}. Put one inside of the other`;
    case 'loop_position_invalid':
      return `The section ${tag} begins and ends at different levels of the document, such as in a table and after it. Put both its tags into the same cell, row or run of paragraphs`;
    case 'scopeparser_compilation_failed':
      return ownDetail(error.rootError, tag, name);
    case 'raw_tag_outerxml_invalid':
    case 'raw_xml_tag_should_be_only_text_in_paragraph':
      return `The tag ${tag} takes the place of its whole paragraph. Put it into a paragraph of its own`;
    default:
      return `The tag ${tag} is not possible here (${error.id}). Move or remove it`;
  }
}

function ownDetail(cause: unknown, tag: string, name: string): string {
  switch (cause instanceof TagFault ? cause.kind : undefined) {
    case 'empty':
      return `The tag ${tag} has no name. Write the name of a column between the braces`;
    case 'spaced':
      return `The tag ${tag} has a space before its sign. Write {${name.replace(/\s+/g, '')}}`;
    case 'formats':
    case undefined:
      return `The tag ${tag} cannot be read. Write a plain name, such as {name} or {address.city}`;
  }
}
