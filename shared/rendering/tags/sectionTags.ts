/**
 * A module of docxtemplater that reads the tags of sections as people see them: signs as input methods
 * for Chinese and Japanese write them, and a name at the end of a section that is spelt otherwise than
 * at its beginning.
 */
import { asSeen } from '../../columns/asSeen.ts';
import { tagName } from '../../tags/tagExpression.ts';

/** What docxtemplater's lexer cuts a part into. */
interface Token {
  readonly type: string;
  readonly position?: string;
  readonly value?: string;
}

interface Piece {
  readonly type: string;
  readonly value: string;
  readonly location?: string;
}

const SIGNS: Readonly<Record<string, string>> = { '＃': '#', '／': '/', '＾': '^' };
const WIDE_SIGN = /^[＃／＾]/;

export const createSectionModule = () => ({
  name: 'SheafSections',
  priority: 2,
  preparse: (tokens: readonly Token[]) => tokens.map(withPlainSign),
  postparse: (pieces: Piece[], { basePart }: { basePart?: unknown }) =>
    basePart === undefined ? closedAsOpened(pieces) : pieces,
});

function withPlainSign(token: Token, i: number, tokens: readonly Token[]): Token {
  const { type, position, value = '' } = token;
  const before = tokens[i - 1];
  const isFirst = before?.type === 'delimiter' && before.position === 'start';
  if (type !== 'content' || position !== 'insidetag' || !isFirst) return token;
  return { ...token, value: value.replace(WIDE_SIGN, (sign) => SIGNS[sign] ?? sign) };
}

/** Whether the names of two tags are one to people, whatever formats they have. */
export const isSameName = (a: string, b: string): boolean =>
  a === b || asSeen(tagName(a)) === asSeen(tagName(b));

/** The pieces of a part, the ends of sections spelt like their beginnings. */
function closedAsOpened(pieces: Piece[]): Piece[] {
  const open: string[] = [];
  return pieces.map((piece) => {
    if (piece.type !== 'placeholder') return piece;
    if (piece.location === 'start') open.push(piece.value);
    if (piece.location !== 'end' || open.length === 0) return piece;
    // What ends without a name ends the last one: docxtemplater's {/}.
    if (piece.value === '') {
      open.pop();
      return piece;
    }
    const opened = open.findLastIndex((name) => isSameName(name, piece.value));
    if (opened === -1) return piece;
    const [name = piece.value] = open.splice(opened, 1);
    return name === piece.value ? piece : { ...piece, value: name };
  });
}
