/** The little XML that S3 speaks. */

/** Content of an element: text, elements by name, or several elements of one name. */
export type XmlContent =
  | string
  | number
  | boolean
  | { readonly [element: string]: XmlContent | readonly XmlContent[] | undefined };

/** A document with one root element, in S3's namespace. Elements that are undefined are left out. */
export function xmlDocument(root: string, content: XmlContent): string {
  const open = root === 'Error' ? root : `${root} xmlns="http://s3.amazonaws.com/doc/2006-03-01/"`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${open}>${render(content)}</${root}>`;
}

function render(content: XmlContent): string {
  if (typeof content !== 'object') return escape(String(content));
  return Object.entries(content)
    .map(([name, value]) => {
      const all = value === undefined ? [] : isList(value) ? value : [value];
      return all.map((one) => `<${name}>${render(one)}</${name}>`).join('');
    })
    .join('');
}

const isList = (value: XmlContent | readonly XmlContent[]): value is readonly XmlContent[] =>
  Array.isArray(value);

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** A carriage return would be read back as a line feed: it goes as a character reference. */
const escape = (text: string) =>
  text.replace(/[&<>"]/g, (sign) => ESCAPES[sign] ?? sign).replaceAll('\r', '&#13;');

/** The text of every element of this name, however deep. For flat bodies of known shape. */
export function textsOf(xml: string, element: string): string[] {
  const found = xml.matchAll(new RegExp(`<${element}>([^<]*)</${element}>`, 'g'));
  return [...found].map(([, text = '']) => unescape(text.trim()));
}

function unescape(text: string): string {
  return text.replace(/&(#x?)?(\w+);/g, (reference, numeric: string | undefined, name: string) => {
    if (numeric === undefined) return NAMED[name] ?? reference;
    const code = parseInt(name, numeric === '#x' ? 16 : 10);
    return code <= 0x10ffff ? String.fromCodePoint(code) : reference;
  });
}

const NAMED: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
