/**
 * The parts of a tag as people write it: `name | format:"argument":… | …`. Quotes may be any that Word or
 * an input method makes of them, and blanks of any kind may stand between the parts.
 */

export interface WrittenFormat {
  /** In small letters. */
  readonly name: string;
  readonly arguments: readonly string[];
}

export interface WrittenTag {
  readonly name: string;
  readonly formats: readonly WrittenFormat[];
  /** What cannot be read of the formats, as a sentence. */
  readonly fault?: string;
}

const PIPE = /[|\uff5c]/;
const COLON = /^[:\uff1a]/;
const BLANKS = /^(?:\s|[\u200b-\u200f\u2060\u00ad])+/;
const DOUBLE = '"\u201c\u201d\u201e\u201f\uff02\u301d\u301e\u301f';
const SINGLE = "'\u2018\u2019\u201a\u201b\uff07\u2032";
/** What closes a quote, by what opens it. */
const CLOSING: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Array.from(DOUBLE, (sign) => [sign, DOUBLE])),
  ...Object.fromEntries(Array.from(SINGLE, (sign) => [sign, SINGLE])),
  '\u00ab': '\u00bb',
  '\u00bb': '\u00ab',
  '\u2039': '\u203a',
  '\u203a': '\u2039',
  '\u300c': '\u300d',
};
/** Inside of them French sets blanks, which are no part of what is quoted. */
const GUILLEMETS = '\u00ab\u00bb\u2039\u203a';
const BARE = /^(?:[^\s|:\uff5c\uff1a\u200b-\u200f\u2060\u00ad])+/;
const FORMAT_NAME = /^[\p{L}_][\p{L}\p{N}_-]*/u;

/** Whether a tag may have formats. */
export const mayHaveFormats = (written: string): boolean => PIPE.test(written);

/**
 * Takes a tag apart. A name with a bar in it is written in quotes: `"a | b"`; quotes around any other name
 * are part of it.
 */
export function takeApart(written: string): WrittenTag {
  const quoted = quotedName(written.trim());
  const at = quoted ? quoted.end : written.trim().search(PIPE);
  const text = written.trim();
  if (at === -1) return { name: text, formats: [] };
  const name = quoted ? quoted.name : text.slice(0, at).trim();
  return { name, ...readFormats(text.slice(at)) };
}

/** A name in quotes with a bar in it, at the beginning of a tag. */
function quotedName(text: string): { name: string; end: number } | undefined {
  const found = readQuoted(text);
  if (!found || !PIPE.test(found.text)) return undefined;
  const rest = text.slice(found.length).replace(BLANKS, '');
  const isWhole = rest === '' || PIPE.test(rest.charAt(0));
  return isWhole ? { name: found.text.trim(), end: text.length - rest.length } : undefined;
}

/** What stands in quotes at the beginning of a text; codes of fields have a backslash before each. */
function readQuoted(text: string): { text: string; length: number } | undefined {
  const isEscaped = text.startsWith('\\');
  const start = isEscaped ? 1 : 0;
  const opening = text.charAt(start);
  const closing = CLOSING[opening];
  if (closing === undefined || opening === '') return undefined;
  let quoted = '';
  for (let i = start + 1; i < text.length; i++) {
    const sign = text.charAt(i);
    const isBackslash = sign === '\\';
    const next = text.charAt(i + 1);
    if (isBackslash && next !== '' && closing.includes(next) && !isEscaped) {
      quoted += next;
      i++;
    } else if (isBackslash && isEscaped && closing.includes(next)) {
      return { text: bare(quoted, opening), length: i + 2 };
    } else if (closing.includes(sign)) {
      return { text: bare(quoted, opening), length: i + 1 };
    } else quoted += sign;
  }
  return undefined;
}

const bare = (text: string, opening: string) => (GUILLEMETS.includes(opening) ? text.trim() : text);

/** @param text that begins with a bar */
function readFormats(text: string): Pick<WrittenTag, 'formats' | 'fault'> {
  const formats: { name: string; arguments: string[] }[] = [];
  let rest = text;
  const skip = () => void (rest = rest.replace(BLANKS, ''));
  while (rest !== '') {
    rest = rest.slice(1);
    skip();
    const [name] = FORMAT_NAME.exec(rest) ?? [];
    if (name === undefined) {
      return { formats, fault: 'A bar | stands without the name of a format behind it.' };
    }
    rest = rest.slice(name.length);
    const format = { name: name.normalize('NFKC').toLowerCase(), arguments: [] as string[] };
    formats.push(format);
    skip();
    while (COLON.test(rest)) {
      rest = rest.slice(1);
      skip();
      const quoted = readQuoted(rest);
      const [plain] = BARE.exec(rest) ?? [];
      const isOpen = !quoted && (CLOSING[rest.charAt(0)] ?? '') !== '';
      if (isOpen) return { formats, fault: `A quote behind ${format.name}: is never closed.` };
      const argument = quoted?.text ?? plain;
      if (argument === undefined) {
        return { formats, fault: `Nothing stands behind the colon of ${format.name}.` };
      }
      format.arguments.push(argument);
      rest = rest.slice(quoted?.length ?? argument.length);
      skip();
    }
    if (rest !== '' && !PIPE.test(rest.charAt(0))) {
      return {
        formats,
        fault: `Behind ${format.name} stands something that is no argument. Write a colon before each argument, and a bar | before each format.`,
      };
    }
  }
  return { formats };
}

/** A format as it is told: `date:"yyyy"`. */
export const formatText = ({ name, arguments: given }: WrittenFormat): string =>
  name + given.map((argument) => `:${JSON.stringify(argument)}`).join('');
