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
    .flatMap(([name, value]) =>
      value === undefined ? [] : [value].flat().map((one) => [name, one]),
    )
    .map(([name, value]) => `<${name as string}>${render(value as XmlContent)}</${name as string}>`)
    .join('');
}

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** A carriage return would be read back as a line feed: it goes as a character reference. */
const escape = (text: string) =>
  text.replace(/[&<>"]/g, (sign) => ESCAPES[sign] ?? sign).replaceAll('\r', '&#13;');

/** The text of every element of this name, however deep. For flat bodies of known shape. */
export function textsOf(xml: string, element: string): string[] {
  const found = xml.matchAll(new RegExp(`<${element}>([^<]*)</${element}>`, 'g'));
  return [...found].map(([, text = '']) => unescape(text.trim()));
}

const unescape = (text: string) =>
  text.replace(/&(?:(amp|lt|gt|quot|apos)|#(\d+)|#x([0-9a-fA-F]+));/g, (_all, name, dec, hex) =>
    name
      ? NAMED[name as string]!
      : String.fromCodePoint(parseInt((dec ?? hex) as string, dec ? 10 : 16)),
  );

const NAMED: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
