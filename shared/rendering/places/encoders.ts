/**
 * How a value is written where it is no text of the document. Each way is chosen when a template is
 * parsed, by where the tag stands; what it gives is still to be escaped for XML (placeXml).
 */
import { escapeXml } from '../../office/xmlText.ts';

/** Schemes that a value may bring into a link by itself. Any other must be written in the template. */
const SCHEMES_OF_VALUES = new Set([
  'http',
  'https',
  'ftp',
  'ftps',
  'sftp',
  'mailto',
  'tel',
  'sms',
  'sip',
  'sips',
]);

/** A value cannot be written where it stands. */
export class UnsafeLink extends Error {
  constructor() {
    super('The value would decide what following the link does.');
    this.name = 'UnsafeLink';
  }
}

const LINE_ENDS = /\r\n?|\n/g;
const oneLine = (value: string) => value.replace(LINE_ENDS, ' ');

/** A piece of a query, or of anything else that must stay one piece (RFC 3986, 2.2). */
const component = (value: string) => encodeURIComponent(value).replaceAll("'", '%27');
/** A piece of a path: it may lead through folders. */
const path = (value: string) => value.split('/').map(component).join('/');
/** A host, perhaps with a port; nothing that would end it. */
const host = (value: string) => component(value).replaceAll('%3A', ':');
/** Word itself sets http:// before an address that it does not know. */
const withoutScheme = (value: string) => value.trim().replace(/^https?:\/\//i, '');
/** An address without a host is none, and Word refuses files with such a target (RFC 2606, 2). */
const NO_HOST = 'address.invalid';
/** What follows the scheme of an address without a host, such as those of mail and telephones. */
const opaque = (value: string) =>
  component(value).replace(/%(?:40|2B|2C|3A|3B)/g, (code) => decodeURIComponent(code));

/** A whole address, or its rest: what is reserved keeps its meaning, what is encoded stays so. */
function address(value: string): string {
  const encoded = encodeURI(value.trim()).replace(/%25([0-9a-f]{2})/gi, '%$1');
  const fragment = encoded.indexOf('#');
  return fragment === -1
    ? encoded
    : encoded.slice(0, fragment + 1) + encoded.slice(fragment + 1).replaceAll('#', '%23');
}

/** An address that may begin with a scheme. */
function wholeAddress(value: string): string {
  const encoded = address(value);
  const [, scheme] = /^([a-z][a-z0-9+.-]*):/i.exec(encoded) ?? [];
  if (scheme !== undefined && !SCHEMES_OF_VALUES.has(scheme.toLowerCase())) throw new UnsafeLink();
  return encoded;
}

function scheme(value: string): string {
  const name = value.trim();
  if (name !== '' && !SCHEMES_OF_VALUES.has(name.toLowerCase())) throw new UnsafeLink();
  return name;
}

/** Within the quotes of a field's argument (ECMA-376 part 1, 17.16.4). */
const quotedArgument = (value: string) => oneLine(value).replace(/[\\"]/g, '\\$&');

const ENCODERS = {
  /** An attribute, or text that knows no line breaks of its own. */
  text: (value: string) => value.replace(LINE_ENDS, '\n'),
  line: oneLine,
  argument: quotedArgument,
  /** An argument without quotes, which gets them where it needs them. */
  bareArgument: (value: string) =>
    /^[^\s"\\]+$/.test(value) ? value : `"${quotedArgument(value)}"`,
  scheme,
  address: wholeAddress,
  addressRest: (value: string) => address(withoutScheme(value)) || NO_HOST,
  host: (value: string) => host(withoutScheme(value).replace(/\/$/, '')) || NO_HOST,
  /** A piece of a host's name. */
  hostPart: host,
  path,
  component,
  opaque,
  /** A header of a mailto: link; its lines end as those of mail do (RFC 6068, 5). */
  mailHeader: (value: string) => component(value.replace(LINE_ENDS, '\r\n')),
} as const satisfies Record<string, (value: string) => string>;

export type Encoder = keyof typeof ENCODERS;

/**
 * A value as it is written.
 * @throws UnsafeLink
 */
export const encodeFor = (encoder: Encoder, value: string): string => ENCODERS[encoder](value);

const WHITE_SPACE: Readonly<Record<string, string>> = { '\n': '&#xA;', '\t': '&#x9;' };
/** White space that attributes do not keep as it is (XML 1.0, 3.3.3). */
export const LOST_WHITE_SPACE = /[\n\t]/g;

/** An encoded value as XML, in text and in attributes. */
export const placeXml = (encoded: string): string =>
  escapeXml(encoded).replace(LOST_WHITE_SPACE, (character) => WHITE_SPACE[character] ?? character);
