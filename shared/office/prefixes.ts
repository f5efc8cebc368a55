/**
 * Elements with the prefixes that Word writes. A prefix may be any (XML Namespaces 1.0), but docxtemplater,
 * and what looks for tags here, go by the usual ones.
 */
import { xmlTags, XmlMalformed } from './xmlScan.ts';

const ECMA = ['http://schemas.openxmlformats.org', 'http://purl.oclc.org/ooxml'];
const of = (path2006: string, pathStrict: string, prefix: string): [string, string][] => [
  [`${ECMA[0]}${path2006}`, prefix],
  [`${ECMA[1]}${pathStrict}`, prefix],
];

/** The usual prefix of each namespace; '' for none. */
const USUAL: ReadonlyMap<string, string> = new Map([
  ...of('/wordprocessingml/2006/main', '/wordprocessingml/main', 'w'),
  ...of('/officeDocument/2006/math', '/officeDocument/math', 'm'),
  ...of('/officeDocument/2006/relationships', '/officeDocument/relationships', 'r'),
  ...of('/drawingml/2006/main', '/drawingml/main', 'a'),
  ...of('/drawingml/2006/wordprocessingDrawing', '/drawingml/wordprocessingDrawing', 'wp'),
  ...of('/drawingml/2006/diagram', '/drawingml/diagram', 'dgm'),
  ...of('/drawingml/2006/chart', '/drawingml/chart', 'c'),
  ...of('/officeDocument/2006/docPropsVTypes', '/officeDocument/docPropsVTypes', 'vt'),
  ...of('/officeDocument/2006/extended-properties', '/officeDocument/extendedProperties', ''),
  ...of('/officeDocument/2006/custom-properties', '/officeDocument/customProperties', ''),
  ['http://schemas.openxmlformats.org/package/2006/metadata/core-properties', 'cp'],
  ['http://schemas.openxmlformats.org/markup-compatibility/2006', 'mc'],
  ['http://schemas.microsoft.com/office/word/2010/wordml', 'w14'],
  ['http://schemas.microsoft.com/office/2006/coverPageProps', ''],
  ['http://purl.org/dc/elements/1.1/', 'dc'],
  ['urn:schemas-microsoft-com:vml', 'v'],
  ['urn:schemas-microsoft-com:office:office', 'o'],
]);

const DECLARATION = /\sxmlns(?::([^\s=]+))?="([^"]*)"/g;
/** Attributes that name prefixes (ECMA-376 part 3). */
const PREFIX_LISTS = /^(?:mc:)?(?:Ignorable|Requires|MustUnderstand)$/;
const ATTRIBUTE = /([^\s=]+)="([^"]*)"/g;

/** @param xml spelt as spellUsually() does; returned as it is when its prefixes are, or cannot become, usual */
export function withUsualPrefixes(xml: string): string {
  const isUsual = Array.from(xml.matchAll(DECLARATION)).every(([, prefix = '', name = '']) => {
    const usual = USUAL.get(name);
    return usual === undefined || usual === prefix;
  });
  if (isUsual) return xml;
  try {
    return rename(xml);
  } catch (error) {
    if (error instanceof XmlMalformed || error instanceof Taken) return xml;
    throw error;
  }
}

/** The usual prefix is that of something else. */
class Taken extends Error {
  constructor() {
    super('The usual prefix is bound to another namespace.');
    this.name = 'Taken';
  }
}

type Names = ReadonlyMap<string, string>;

function rename(xml: string): string {
  const out: string[] = [];
  /** Namespaces by the prefix in the text, and by the one that is written. */
  const open: { read: Names; written: Names }[] = [];
  let copied = 0;
  let read: Names = new Map();
  let written: Names = new Map();
  for (const tag of xmlTags(xml)) {
    out.push(xml.slice(copied, tag.start));
    copied = tag.end;
    if (tag.kind === 'close') {
      out.push(`</${renamed(tag.name, read, true)}>`);
      open.pop();
      ({ read, written } = open.at(-1) ?? { read: new Map(), written: new Map() });
      continue;
    }
    const its = new Map(read);
    const theirs = new Map(written);
    const declared = new Map<string, string>();
    for (const [, prefix = '', name = ''] of tag.attributes.matchAll(DECLARATION)) {
      its.set(prefix, name);
      const usual = USUAL.get(name) ?? prefix;
      if ((declared.get(usual) ?? name) !== name) throw new Taken();
      declared.set(usual, name);
      theirs.set(usual, name);
    }
    const attributes = Array.from(tag.attributes.matchAll(ATTRIBUTE)).flatMap(
      ([, name = '', value = '']) => {
        if (name === 'xmlns' || name.startsWith('xmlns:')) return [];
        const key = renamed(name, its, false);
        if (!PREFIX_LISTS.test(key)) return [` ${key}="${value}"`];
        const prefixes = value.split(/\s+/).filter((prefix) => prefix !== '');
        const usual = new Set(prefixes.map((prefix) => USUAL.get(its.get(prefix) ?? '') ?? prefix));
        return [` ${key}="${[...usual].join(' ')}"`];
      },
    );
    const declarations = Array.from(
      declared,
      ([prefix, name]) => ` xmlns${prefix === '' ? '' : `:${prefix}`}="${name}"`,
    );
    const name = renamed(tag.name, its, true);
    checkBound(name, its, theirs, tag.name);
    const end = tag.kind === 'empty' ? '/>' : '>';
    out.push(`<${name}${declarations.join('')}${attributes.join('')}${end}`);
    if (tag.kind === 'open') {
      open.push({ read: its, written: theirs });
      read = its;
      written = theirs;
    }
  }
  out.push(xml.slice(copied));
  return out.join('');
}

/** The prefix of an element must still lead to its namespace. */
function checkBound(name: string, read: Names, written: Names, before: string): void {
  const namespace = (qualified: string, names: Names) =>
    names.get(qualified.includes(':') ? qualified.slice(0, qualified.indexOf(':')) : '') ?? '';
  if (namespace(name, written) !== namespace(before, read)) throw new Taken();
}

function renamed(name: string, read: Names, isElement: boolean): string {
  const colon = name.indexOf(':');
  // An attribute without a prefix is in no namespace.
  if (colon === -1 && !isElement) return name;
  const usual = USUAL.get(read.get(colon === -1 ? '' : name.slice(0, colon)) ?? '');
  if (usual === undefined || (usual === '' && !isElement)) return name;
  const local = name.slice(colon + 1);
  return usual === '' ? local : `${usual}:${local}`;
}
