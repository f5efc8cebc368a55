/** Text as a workbook has it: in cells, and in attributes of its parts. */
import { clip } from '../clip.ts';

/** Characters (UTF-16 units) of a cell that Excel takes (Excel specifications and limits). */
const MAX_CELL_CHARACTERS = 32_767;

/**
 * What XML cannot hold, and the line end that it would change, are written as `_xHHHH_`; so an underscore
 * that only looks like the beginning of that is written so itself (ECMA-376 part 1, 22.9.2.19).
 */
const SPECIAL = /[&<>"\ufffe\uffff]|(?![\t\n])\p{Cc}|\p{Surrogate}|_(?=x[0-9a-f]{4}_)/giu;
const IS_SPECIAL = new RegExp(SPECIAL.source, 'iu');

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

function escapeCharacter(character: string): string {
  const entity = ENTITIES[character];
  if (entity !== undefined) return entity;
  // Half of a character, which no UTF-8 has.
  if (/\p{Surrogate}/u.test(character)) return '\ufffd';
  return `_x${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`;
}

const escapeText = (text: string): string =>
  IS_SPECIAL.test(text) ? text.replace(SPECIAL, escapeCharacter) : text;

/** XML has it with blanks at its ends, or more than one, only when told so. */
const HAS_BLANKS = /^\s|\s$|\s\s|[\n\t]/;

/**
 * A text as `t` element; one that is too long ends in an ellipsis.
 * @param p the prefix of the part's elements, with its colon
 */
export function textElement(text: string, p = ''): string {
  const fitting = clip(text, MAX_CELL_CHARACTERS);
  const escaped = escapeText(fitting);
  return HAS_BLANKS.test(fitting)
    ? `<${p}t xml:space="preserve">${escaped}</${p}t>`
    : `<${p}t>${escaped}</${p}t>`;
}

/** A text that is all of an element of type ST_Xstring, such as a value or a formula. */
export const textContent = (text: string): string => escapeText(clip(text, MAX_CELL_CHARACTERS));

/** A text in an attribute of type ST_Xstring, with its line breaks. */
export const attributeText = (text: string): string =>
  escapeText(text).replaceAll('\n', '&#xA;').replaceAll('\t', '&#x9;');
