/**
 * Teaches docxtemplater the tags of places that are no text of the document: a module of it, which
 * hands it such tags as if it had found them itself. So they are in sections and scopes like all others.
 */
import { encodeFor, placeXml, UnsafeLink, type Encoder } from './encoders.ts';
import { findPlaces, type PartKind } from './findPlaces.ts';

/** The module that docxtemplater notes on the tags of places. */
export const PLACE_MODULE = 'sheaf-place';

/** A piece of a part between lexing and parsing (docxtemplater's lexer.js). */
interface Token {
  readonly type: string;
  readonly value?: string;
  readonly tag?: string;
  readonly position?: string;
  readonly text?: boolean;
  readonly offset?: number;
  /** Of the end of a tag: how its value is written. */
  readonly encoder?: Encoder;
  lIndex?: number;
}

export interface PlacePiece {
  readonly type: string;
  readonly value: string;
  readonly module?: string;
  readonly encoder?: Encoder;
}

interface RenderContext {
  readonly scopeManager: {
    getValue(name: string, meta: { readonly part: PlacePiece }): unknown;
  };
  readonly nullGetter: (piece: PlacePiece) => unknown;
}

/** What docxtemplater keeps to itself, as far as it is used here. */
interface Document {
  readonly targets: string[];
  readonly fileTypeConfig: { readonly tagsXmlTextArray: string[] };
}

/** Text of charts besides DrawingML's: cached names, categories and values, and those of newer charts. */
const CHART_TEXTS = ['c:v', 'cx:v', 'cx:pt'];
/** Properties of documents besides those that docxtemplater knows. */
const PROPERTY_TEXTS = [
  'cp:lastModifiedBy',
  'cp:version',
  'dc:identifier',
  'dc:language',
  'vt:bstr',
];
/** Text in which a line break may be written as one of the document. */
const RUN_TEXTS = new Set(['w:t', 'a:t', 'm:t']);
/** Parts in whose text docxtemplater itself leaves line breaks as they are. */
const PROPERTIES = /(?:-properties|settings|\.core-properties|extended-properties)\+xml$/;

const RELATIONSHIPS = 'application/vnd.openxmlformats-package.relationships+xml';

/** @param targets parts that are filled besides those that docxtemplater knows */
export const placeModule = (targets: ReadonlySet<string>, stores: ReadonlySet<string>) => ({
  name: 'SheafPlaces',
  /** Before docxtemplater's own, which would write line breaks. */
  priority: Number.MAX_SAFE_INTEGER - 1,
  getFileType({ doc }: { doc: Document }) {
    doc.targets.push(...targets);
  },
  optionsTransformer(options: object, doc: Document) {
    doc.fileTypeConfig.tagsXmlTextArray.push(...CHART_TEXTS, ...PROPERTY_TEXTS);
    return options;
  },
  preparse(tokens: Token[], { filePath, contentType = '' }: PartContext) {
    const kind: PartKind =
      contentType === RELATIONSHIPS ? 'relationships' : stores.has(filePath) ? 'store' : 'other';
    return withPlaces(tokens, kind, PROPERTIES.test(contentType));
  },
  parse(name: string, { encoder }: { encoder?: Encoder }) {
    return encoder && { type: 'placeholder', module: PLACE_MODULE, value: name, encoder };
  },
  render(piece: PlacePiece, { scopeManager, nullGetter }: RenderContext) {
    const { module, encoder } = piece;
    if (module !== PLACE_MODULE || encoder === undefined) return null;
    const value = scopeManager.getValue(piece.value, { part: piece }) ?? nullGetter(piece);
    return { value: placeXml(encodeFor(encoder, String(value))) };
  },
});

interface PartContext {
  readonly filePath: string;
  readonly contentType?: string;
}

function withPlaces(tokens: Token[], kind: PartKind, isProperties: boolean): Token[] {
  const made: Token[] = [];
  /** Of all text so far, in UTF-16 units: where docxtemplater says that a tag is. */
  let offset = 0;
  let textTag: string | undefined;
  for (const token of tokens) {
    const { type, value = '', tag, position, text } = token;
    if (type === 'tag' && text && position !== 'selfclosing') {
      textTag = position === 'start' ? tag : undefined;
    }
    if (type === 'delimiter') {
      offset++;
      const isPlain = textTag !== undefined && !RUN_TEXTS.has(textTag) && !isProperties;
      made.push(isPlain && position === 'end' ? { ...token, encoder: 'text' } : token);
      continue;
    }
    if (type === 'content' && position === 'insidetag') offset += value.length;
    const places =
      type === 'content' && position !== 'insidetag' && /\{|%7b/i.test(value)
        ? findPlaces(value, kind)
        : [];
    if (places.length === 0) {
      made.push(token);
      continue;
    }
    const content = (xml: string): Token[] => (xml === '' ? [] : [{ ...token, value: xml }]);
    let at = 0;
    for (const { start, end, pieces } of places) {
      made.push(...content(value.slice(at, start)));
      for (const piece of pieces) {
        if ('literal' in piece) made.push(...content(piece.literal));
        else {
          made.push(
            { type: 'delimiter', position: 'start', offset },
            { type: 'content', position: 'insidetag', value: piece.tag },
            { type: 'delimiter', position: 'end', offset, encoder: piece.encoder },
          );
        }
      }
      at = end;
    }
    made.push(...content(value.slice(at)));
  }
  if (made.length === tokens.length) return made;
  // docxtemplater knows a tag by its number.
  made.forEach((token, i) => (token.lIndex = i));
  return made;
}

/** Whether a value cannot be written where a tag stands. */
export function isUnsafe(encoder: Encoder, value: string): boolean {
  try {
    encodeFor(encoder, value);
    return false;
  } catch (error) {
    if (error instanceof UnsafeLink) return true;
    throw error;
  }
}
