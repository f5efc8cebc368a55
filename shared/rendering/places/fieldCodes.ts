/** Tags in the code of a field (ECMA-376 part 1, 17.16): an argument for each, whatever the value holds. */
import { xmlUnescape } from '../../office/xmlScan.ts';
import { encodeAddress, type EncodedPiece } from './addresses.ts';
import { cutTags, type ValuePiece } from './tagsInValue.ts';

/** Fields of add-ins keep what they like in their code, such as JSON of reference managers. */
export const FOREIGN_FIELDS: ReadonlySet<string> = new Set([
  'ADDIN',
  'CITATION',
  'PRIVATE',
  'EMBED',
  'CONTROL',
]);
/** The first argument is an address. */
const LINKS = new Set(['HYPERLINK', 'INCLUDEPICTURE', 'INCLUDETEXT']);
const SCHEME = /^\s*[a-z][a-z0-9+.-]+:/i;

/** The type of a field, in capitals. */
export const fieldType = (code: string): string =>
  (/^\s*(=|[^\s"\\{]+)/.exec(xmlUnescape(code))?.[1] ?? '').toUpperCase();

/**
 * @param code XML as written
 * @returns undefined when there is no tag
 */
export function encodeFieldCode(code: string): EncodedPiece[] | undefined {
  const type = fieldType(code);
  if (FOREIGN_FIELDS.has(type)) return undefined;
  const pieces = cutTags(code, LINKS.has(type));
  if (!pieces) return undefined;
  const link = LINKS.has(type) ? findFirstArgument(pieces) : undefined;
  if (!link || !isAddress(type, link.argument)) return inQuotes(pieces, false);
  const address = encodeAddress(link.argument);
  const quote = link.isQuoted ? '' : '&quot;';
  return [
    ...link.before,
    ...(quote ? [{ literal: quote }] : []),
    ...address.map((piece) =>
      // Backslashes stay as the template has them: doubled, or before a quote.
      'literal' in piece ? { literal: piece.literal.replaceAll('%5C', '\\') } : piece,
    ),
    ...(quote ? [{ literal: quote }] : []),
    ...inQuotes(link.after, link.isQuoted),
  ];
}

/** Pictures and texts are mostly named by their path in the file system. */
function isAddress(type: string, argument: readonly ValuePiece[]): boolean {
  if (!argument.some((piece) => 'tag' in piece)) return false;
  if (type === 'HYPERLINK') return true;
  const [first] = argument;
  return first !== undefined && 'literal' in first && SCHEME.test(xmlUnescape(first.literal));
}

interface FirstArgument {
  readonly before: { readonly literal: string }[];
  readonly argument: readonly ValuePiece[];
  readonly after: readonly ValuePiece[];
  readonly isQuoted: boolean;
}

const QUOTE = /&quot;|["\u201c\u201d\u201e]/;
const START = new RegExp(`^\\s*\\S+\\s+(${QUOTE.source})?`);

/** The argument behind the type, when the type stands in the first piece. */
function findFirstArgument(pieces: readonly ValuePiece[]): FirstArgument | undefined {
  const [first, ...others] = pieces;
  if (!first || !('literal' in first)) return undefined;
  const start = START.exec(first.literal);
  if (!start) return undefined;
  const isQuoted = start[1] !== undefined;
  const end = isQuoted ? QUOTE : /\s/;
  const before = [{ literal: start[0] }];
  const rest: ValuePiece[] = [{ literal: first.literal.slice(start[0].length) }, ...others];
  const argument: ValuePiece[] = [];
  for (const [i, piece] of rest.entries()) {
    const at = 'literal' in piece ? piece.literal.search(end) : -1;
    if (!('literal' in piece) || at === -1) {
      if (!('literal' in piece) || piece.literal !== '') argument.push(piece);
      continue;
    }
    if (at > 0) argument.push({ literal: piece.literal.slice(0, at) });
    const after = [{ literal: piece.literal.slice(at) }, ...rest.slice(i + 1)];
    // What begins with a backslash is a switch.
    const isSwitch = !isQuoted && 'literal' in (argument[0] ?? {}) && first.literal.includes('\\');
    return isSwitch ? undefined : { before, argument, after, isQuoted };
  }
  return { before, argument, after: [], isQuoted };
}

/** @param isOpen whether the pieces begin within quotes */
function inQuotes(pieces: readonly ValuePiece[], isOpen: boolean): EncodedPiece[] {
  let open = isOpen;
  return pieces.map((piece): EncodedPiece => {
    if ('tag' in piece) {
      return { tag: piece.tag, encoder: open ? 'argument' : 'bareArgument' };
    }
    const quotes = piece.literal.replace(/\\(?:&quot;|")/g, '').match(new RegExp(QUOTE, 'g'));
    if ((quotes?.length ?? 0) % 2 === 1) open = !open;
    return piece;
  });
}
