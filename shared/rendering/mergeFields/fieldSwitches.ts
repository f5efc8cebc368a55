/** The code of a field, cut into its arguments and switches (ECMA-376 part 1, 17.16.4). */

/** A piece of an argument: text, or something that stands in the code, such as a field within it. */
export type CodePiece<T> = string | T;

export interface FieldArgument<T> {
  readonly pieces: readonly CodePiece<T>[];
  readonly isQuoted: boolean;
}

export interface FieldCode<T> {
  /** In capitals; '' when the code has none. */
  readonly type: string;
  readonly arguments: readonly FieldArgument<T>[];
  /** By their sign, in lower case: `*`, `@`, `b`. A switch may come more than once. */
  readonly switches: readonly { readonly sign: string; readonly argument?: FieldArgument<T> }[];
}

const OPENING = new Set(['"', '\u201c', '\u201d', '\u201e']);
const CLOSING = new Set(['"', '\u201c', '\u201d']);
/** Switches without an argument: what follows them is another argument of the field. */
const BARE_SWITCHES = new Set(['m', 'v', 'd', 'n', 'h', 'p', 'r', 't', 'u', 'w']);

/** Fields that compare their first two arguments; the sign between them needs no blanks around it. */
const COMPARING = new Set(['IF', 'COMPARE', 'NEXTIF', 'SKIPIF']);
const isComparing = (unit: unknown) => unit === '<' || unit === '>' || unit === '=';

export function readFieldCode<T>(code: readonly CodePiece<T>[]): FieldCode<T> {
  const units = code.flatMap((piece): CodePiece<T>[] =>
    typeof piece === 'string' ? Array.from(piece) : [piece],
  );
  let at = 0;
  const isBlank = (unit: CodePiece<T> | undefined) => typeof unit === 'string' && /\s/.test(unit);
  const skipBlanks = () => {
    while (isBlank(units[at])) at++;
  };

  function readComparison(): FieldArgument<T> {
    let sign = '';
    for (; isComparing(units[at]); at++) sign += String(units[at]);
    return { pieces: [sign], isQuoted: false };
  }

  /** @param isOperand whether the sign of a comparison ends it */
  function readArgument(isOperand = false): FieldArgument<T> {
    const first = units[at];
    const isQuoted = typeof first === 'string' && OPENING.has(first);
    if (isQuoted) at++;
    const pieces: CodePiece<T>[] = [];
    let text = '';
    const endText = () => {
      if (text !== '') pieces.push(text);
      text = '';
    };
    for (; at < units.length; at++) {
      const unit = units[at] as CodePiece<T>;
      if (typeof unit !== 'string') {
        endText();
        pieces.push(unit);
        continue;
      }
      const next = units[at + 1];
      if (isQuoted ? CLOSING.has(unit) : isBlank(unit)) break;
      // `Name\* Upper`: a switch needs no blank before it.
      const isSwitch = unit === '\\' && typeof next === 'string' && /[*@#]/.test(next);
      if (isSwitch && !isQuoted) break;
      if (isOperand && !isQuoted && isComparing(unit)) break;
      if (unit === '\\' && typeof next === 'string' && (next === '\\' || OPENING.has(next))) {
        text += next;
        at++;
      } else text += unit;
    }
    if (isQuoted) at++;
    endText();
    return { pieces, isQuoted };
  }

  let type = '';
  const found: FieldArgument<T>[] = [];
  const switches: { sign: string; argument?: FieldArgument<T> }[] = [];
  for (skipBlanks(); at < units.length; skipBlanks()) {
    const sign = units[at + 1];
    if (units[at] === '\\' && typeof sign === 'string' && sign !== '\\' && !isBlank(sign)) {
      at += 2;
      const name = sign.toLowerCase();
      skipBlanks();
      const hasArgument = at < units.length && units[at] !== '\\' && !BARE_SWITCHES.has(name);
      switches.push({ sign: name, ...(hasArgument && { argument: readArgument() }) });
      continue;
    }
    const comparesNext = COMPARING.has(type) && found.length < 2;
    if (comparesNext && isComparing(units[at])) {
      found.push(readComparison());
      continue;
    }
    const argument = readArgument(comparesNext && found.length === 0);
    if (type === '' && found.length === 0) type = textOf(argument).toUpperCase();
    else found.push(argument);
  }
  return { type, arguments: found, switches };
}

/** The text of an argument, what is no text left out. */
export const textOf = <T>({ pieces }: FieldArgument<T>): string =>
  pieces.filter((piece) => typeof piece === 'string').join('');
