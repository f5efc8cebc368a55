/**
 * A strict reader of XML 1.0 with namespaces, without DTDs: says what keeps a part from being read by
 * Word and every other reader. It takes time and memory in proportion to the text, and stops at the
 * first fault.
 */

export interface XmlFault {
  /** Where in the text, in UTF-16 units. */
  readonly offset: number;
  /** What is wrong, as the middle of a sentence: "the attribute a stands twice in <b>". */
  readonly detail: string;
}

/** Names (XML 1.0, 2.3), with at most one colon, as namespaces ask for. */
const START =
  'A-Z_a-z\\u00c0-\\u00d6\\u00d8-\\u00f6\\u00f8-\\u02ff\\u0370-\\u037d\\u037f-\\u1fff\\u200c\\u200d\\u2070-\\u218f\\u2c00-\\u2fef\\u3001-\\ud7ff\\uf900-\\ufdcf\\ufdf0-\\ufffd';
const PART = `${START}\\-.0-9\\u00b7\\u0300-\\u036f\\u203f\\u2040`;
const NAME = `[${START}][${PART}]*(?::[${START}][${PART}]*)?`;
const VALUE = `(?:"[^"<]*"|'[^'<]*')`;
/* eslint-disable no-misleading-character-class -- ranges of XML 1.0, which hold combining characters */
const TAG = new RegExp(`<(/?)(${NAME})((?:\\s+${NAME}\\s*=\\s*${VALUE})*)\\s*(/?)>`, 'y');
const ATTRIBUTE = new RegExp(`(${NAME})\\s*=\\s*(${VALUE})`, 'g');
/* eslint-enable no-misleading-character-class */
const DECLARATION = /^<\?xml\s+version\s*=\s*(?:"1\.\d+"|'1\.\d+')[^?]*\?>/;
/** Characters that XML does not allow (2.2). */
const ILLEGAL =
  // eslint-disable-next-line no-control-regex -- they are what is looked for
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/u;
const REFERENCE = /&(?:(?:amp|lt|gt|quot|apos)|#(\d{1,8})|#x([0-9a-fA-F]{1,8}));/y;
const WHITE_SPACE = /^[ \t\r\n]*$/;
/** What XML itself binds. */
const XML_PREFIXES: ReadonlyMap<string, string> = new Map([
  ['xml', 'http://www.w3.org/XML/1998/namespace'],
  ['', ''],
]);

/** A tag as the reader comes by it. */
export interface StrictTag {
  readonly kind: 'open' | 'close' | 'empty';
  readonly name: string;
  readonly attributes: string;
  readonly start: number;
}

class Fault extends Error {
  readonly fault: XmlFault;
  constructor(offset: number, detail: string) {
    super(detail);
    this.name = 'Fault';
    this.fault = { offset, detail };
  }
}

/**
 * @param visit is called with each tag, in order
 * @returns the first fault; undefined when the text is well-formed and all its prefixes are declared
 */
export function findXmlFault(text: string, visit?: (tag: StrictTag) => void): XmlFault | undefined {
  try {
    read(text, visit);
    return undefined;
  } catch (error) {
    if (error instanceof Fault) return error.fault;
    throw error;
  }
}

interface Open {
  readonly name: string;
  readonly prefixes: ReadonlyMap<string, string>;
}

function read(text: string, visit: ((tag: StrictTag) => void) | undefined): void {
  const illegal = ILLEGAL.exec(text);
  if (illegal) throw new Fault(illegal.index, 'there is a character that XML does not allow');
  const open: Open[] = [];
  let prefixes = XML_PREFIXES;
  let hasRoot = false;
  /** Tags without faults and declarations, by the prefixes that are declared around them. */
  const fine = new Map<ReadonlyMap<string, string>, Set<string>>();
  const bom = text.startsWith('\ufeff') ? 1 : 0;
  let at = bom + (DECLARATION.exec(text.slice(bom, bom + 200))?.[0].length ?? 0);
  for (;;) {
    const start = text.indexOf('<', at);
    checkText(text, at, start === -1 ? text.length : start, open.length > 0);
    if (start === -1) break;
    if (text[start + 1] === '!' || text[start + 1] === '?') {
      at = endOfOther(text, start, open.length > 0);
      continue;
    }
    TAG.lastIndex = start;
    const match = TAG.exec(text);
    if (!match) throw new Fault(start, `a tag is not whole: ${text.slice(start, start + 40)}`);
    at = TAG.lastIndex;
    const [, slash = '', name = '', attributes = '', empty = ''] = match;
    const kind = slash !== '' ? 'close' : empty !== '' ? 'empty' : 'open';
    if (kind === 'close') {
      const last = open.pop();
      if (last?.name !== name) throw new Fault(start, `</${name}> closes ${nameOf(last)}`);
      prefixes = open.at(-1)?.prefixes ?? XML_PREFIXES;
    } else {
      if (open.length === 0 && hasRoot)
        throw new Fault(start, `a second element, <${name}>, stands beside the first`);
      hasRoot = true;
      let its = prefixes;
      // Files repeat the same tags over and over.
      const tag = `${name} ${attributes}`;
      const seen = fine.get(prefixes) ?? new Set<string>();
      fine.set(prefixes, seen);
      if (!seen.has(tag)) {
        if (attributes !== '') its = readAttributes(name, attributes, start, prefixes);
        checkPrefix(name, its, start, name);
        if (its === prefixes) seen.add(tag);
      }
      if (kind === 'open') {
        open.push({ name, prefixes: its });
        prefixes = its;
      }
    }
    visit?.({ kind, name, attributes, start });
  }
  const last = open.pop();
  if (last) throw new Fault(text.length, `<${last.name}> is never closed`);
  if (!hasRoot) throw new Fault(0, 'there is no element');
}

const nameOf = (open: Open | undefined) => (open ? `<${open.name}>` : 'what is not open');

function checkText(text: string, from: number, to: number, isInside: boolean): void {
  if (from === to) return;
  const stretch = text.slice(from, to);
  if (!isInside) {
    if (!WHITE_SPACE.test(stretch)) throw new Fault(from, 'text stands outside of all elements');
    return;
  }
  const end = stretch.indexOf(']]>');
  if (end !== -1) throw new Fault(from + end, 'the text holds ]]>');
  checkReferences(stretch, from);
}

function checkReferences(stretch: string, from: number): void {
  for (let at = stretch.indexOf('&'); at !== -1; at = stretch.indexOf('&', at + 1)) {
    REFERENCE.lastIndex = at;
    const match = REFERENCE.exec(stretch);
    if (!match) throw new Fault(from + at, `& begins no reference: ${stretch.slice(at, at + 12)}`);
    const [, decimal, hex] = match;
    const digits = decimal ?? hex;
    if (digits === undefined) continue;
    const code = parseInt(digits, decimal === undefined ? 16 : 10);
    const isLegal = code <= 0x10ffff && !ILLEGAL.test(String.fromCodePoint(code));
    if (!isLegal)
      throw new Fault(from + at, `${match[0]} stands for a character that XML does not allow`);
  }
}

/** Behind a comment, a processing instruction or a character data section. */
function endOfOther(text: string, start: number, isInside: boolean): number {
  const [beginning, ending] = text.startsWith('<!--', start)
    ? ['<!--', '-->']
    : text.startsWith('<![CDATA[', start) && isInside
      ? ['<![CDATA[', ']]>']
      : text.startsWith('<?', start)
        ? ['<?', '?>']
        : [];
  if (beginning === undefined || ending === undefined)
    throw new Fault(start, `a declaration is not allowed: ${text.slice(start, start + 20)}`);
  const end = text.indexOf(ending, start + beginning.length);
  if (end === -1) throw new Fault(start, `${beginning} has no end`);
  if (beginning === '<!--' && text.slice(start + 4, end + 1).includes('--'))
    throw new Fault(start, 'a comment holds --');
  if (beginning === '<?' && /^xml[\s?]/i.test(text.slice(start + 2, start + 6)))
    throw new Fault(start, 'an XML declaration stands elsewhere than at the beginning');
  return end + ending.length;
}

/** @returns the prefixes that are declared within the element */
function readAttributes(
  element: string,
  attributes: string,
  offset: number,
  around: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const names: string[] = [];
  let declared: Map<string, string> | undefined;
  for (const [, name = '', quoted = ''] of attributes.matchAll(ATTRIBUTE)) {
    const value = quoted.slice(1, -1);
    if (value.includes('&')) checkReferences(value, offset);
    if (names.includes(name))
      throw new Fault(offset, `the attribute ${name} stands twice in <${element}>`);
    names.push(name);
    if (name !== 'xmlns' && !name.startsWith('xmlns:')) continue;
    const prefix = name.slice(6);
    if (prefix !== '' && value === '')
      throw new Fault(offset, `the prefix ${prefix} is bound to nothing in <${element}>`);
    (declared ??= new Map(around)).set(prefix, value);
  }
  const prefixes = declared ?? around;
  const expanded = new Set<string>();
  for (const name of names) {
    const colon = name.indexOf(':');
    if (colon === -1 || name.startsWith('xmlns:')) continue;
    checkPrefix(name, prefixes, offset, element);
    const full = `${prefixes.get(name.slice(0, colon)) ?? ''} ${name.slice(colon + 1)}`;
    if (expanded.has(full))
      throw new Fault(offset, `the attribute ${name} stands twice in <${element}>`);
    expanded.add(full);
  }
  return prefixes;
}

function checkPrefix(
  name: string,
  prefixes: ReadonlyMap<string, string>,
  offset: number,
  element: string,
): void {
  const colon = name.indexOf(':');
  if (colon === -1 || prefixes.has(name.slice(0, colon))) return;
  throw new Fault(offset, `the prefix of ${name} in <${element}> is not declared`);
}
