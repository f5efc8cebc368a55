/**
 * Ids that stand once in a part, and what sections make of them by repeating: drawings and shapes get
 * numbers of their own; bookmarks and comments' marks stay with the first copy. Word opens paragraphs of one
 * w14:paraId: they are left alone.
 */

/** Stretches of XML by what becomes of them when they are written again in one document. */
export type IdStretch =
  | { readonly kind: 'plain'; readonly xml: string }
  /** Written the first time only. */
  | {
      readonly kind: 'once';
      readonly key: string;
      readonly xml: string;
      /** The key of what ends it: goes with it. */
      readonly end?: string;
    }
  /** An id: as it is the first time, another one each time after it. */
  | { readonly kind: 'unique'; readonly series: SeriesName; readonly id: string }
  /** Refers to an id of the same series: to what was written for it last. */
  | { readonly kind: 'same'; readonly series: SeriesName; readonly id: string };

/** Ids that must differ from each other. */
export type SeriesName = 'drawing' | 'shape' | 'spid';

interface Series {
  readonly first: number;
  readonly idOf: (number: number) => string;
}

export const SERIES: Readonly<Record<SeriesName, Series>> = {
  drawing: { first: 1, idOf: String },
  // Word numbers the shapes of a document from 1025 on.
  shape: { first: 1025, idOf: (number) => `_x0000_s${number}` },
  spid: { first: 1025, idOf: (number) => `_x0000_s${number}` },
};

/** Whether what follows stands in the form of something that older readers get, beside the one for newer ones. */
export interface IdPlace {
  readonly inFallback: boolean;
}

export const IN_NO_FALLBACK: IdPlace = { inFallback: false };

/** Tags that carry such ids; of one with a template's tag in an attribute, the beginning. */
const TAG =
  /<(wp:docPr|w:bookmarkStart|w:bookmarkEnd|w:commentRangeStart|w:commentRangeEnd|w:commentReference|v:(?!shapetype)\w+|o:OLEObject|w:control|\/?mc:Fallback)(?=[\s/>])[^>]*(?:>|$)/g;
const ANY_ID =
  /<(?:wp:docPr|w:bookmark|w:comment|o:OLEObject)|\so:spid=|<v:(?!shapetype)\w+[^>]*\sid=/;

const attribute = (name: string) => new RegExp(`(\\s${name}=")([^"]*)"`);
const DRAWING_ID = attribute('id');
const SHAPE_IDS = /(\s(id|o:spid)=")([^"]*)"/g;
const SHAPE_REFERENCE = attribute('(?:ShapeID|w:shapeid)');
const WORD_ID = attribute('w:id');
const BOOKMARK_NAME = attribute('w:name');

/** Whether a stretch of XML has an id that must stand once. */
export const hasIds = (xml: string): boolean => ANY_ID.test(xml);

/**
 * A stretch of XML, whole tags, as stretches by their ids.
 * @returns them, and where what follows stands
 */
export function idStretches(
  xml: string,
  { inFallback }: IdPlace = IN_NO_FALLBACK,
): { readonly stretches: IdStretch[]; readonly end: IdPlace } {
  const stretches: IdStretch[] = [];
  let at = 0;
  let fallback = inFallback;
  for (const { 0: tag, 1: element = '', index } of xml.matchAll(TAG)) {
    if (element.endsWith('mc:Fallback')) {
      fallback = element.startsWith('mc') && !tag.endsWith('/>');
      continue;
    }
    for (const { from, to, stretch } of idsOf(tag, element, fallback ? 'fallback ' : '')) {
      if (index + from > at) stretches.push({ kind: 'plain', xml: xml.slice(at, index + from) });
      stretches.push(stretch);
      at = index + to;
    }
  }
  if (at < xml.length) stretches.push({ kind: 'plain', xml: xml.slice(at) });
  return { stretches, end: { inFallback: fallback } };
}

interface Found {
  readonly from: number;
  readonly to: number;
  readonly stretch: IdStretch;
}

/** @param place put before keys: both forms of a text box have the same bookmarks */
function idsOf(tag: string, element: string, place: string): Found[] {
  const whole = (key: string, end?: string): Found[] => {
    const ending = end === undefined ? {} : { end: place + end };
    const stretch = { kind: 'once', key: place + key, xml: tag, ...ending } as const;
    return [{ from: 0, to: tag.length, stretch }];
  };
  const valueAt = (match: RegExpExecArray | null, kind: 'unique' | 'same', series: SeriesName) => {
    if (!match) return [];
    const [, beginning = '', id = ''] = match;
    const from = match.index + beginning.length;
    return [{ from, to: from + id.length, stretch: { kind, series, id } }];
  };
  const id = WORD_ID.exec(tag)?.[2] ?? '';
  switch (element) {
    case 'wp:docPr':
      return valueAt(DRAWING_ID.exec(tag), 'unique', 'drawing');
    case 'o:OLEObject':
    case 'w:control':
      return valueAt(SHAPE_REFERENCE.exec(tag), 'same', 'shape');
    case 'w:bookmarkStart':
      return whole(`bookmark ${BOOKMARK_NAME.exec(tag)?.[2] ?? id}`, `w:bookmarkEnd ${id}`);
    case 'w:bookmarkEnd':
    case 'w:commentRangeStart':
    case 'w:commentRangeEnd':
    case 'w:commentReference':
      return whole(`${element} ${id}`);
    default:
      return Array.from(tag.matchAll(SHAPE_IDS)).map(
        ({ 1: beginning = '', 2: name, 3: its = '', index }): Found => {
          const series = name === 'id' ? 'shape' : 'spid';
          const from = index + beginning.length;
          return { from, to: from + its.length, stretch: { kind: 'unique', series, id: its } };
        },
      );
  }
}

/** Ids that a part has, by series: new ones differ from them. */
export type TakenIds = Readonly<Record<SeriesName, ReadonlySet<string>>>;

export function takenIds(xml: string): TakenIds {
  const taken = { drawing: new Set<string>(), shape: new Set<string>(), spid: new Set<string>() };
  for (const stretch of idStretches(xml).stretches) {
    if (stretch.kind === 'unique') taken[stretch.series].add(stretch.id);
  }
  return taken;
}

/**
 * A part with ids that stand once in it.
 * @param taken ids of its template
 * @param keepsAll for a template: what stands twice there may be in sections of which one is written
 */
export function repairIds(xml: string, taken: TakenIds, keepsAll = false): string {
  if (!hasIds(xml)) return xml;
  const seen = new Set<string>();
  /** What ends the first of each kind, and ids as they were written last. */
  const ends = new Map<string, string | undefined>();
  const written = new Map<string, string>();
  const next = {
    drawing: SERIES.drawing.first,
    shape: SERIES.shape.first,
    spid: SERIES.spid.first,
  };
  const keyOf = (series: SeriesName, id: string) => `${series} ${id}`;

  function another(series: SeriesName): string {
    for (;;) {
      const id = SERIES[series].idOf(next[series]++);
      if (!taken[series].has(id) && !seen.has(keyOf(series, id))) return id;
    }
  }

  const out = idStretches(xml).stretches.map((stretch): string => {
    if (stretch.kind === 'plain') return stretch.xml;
    if (stretch.kind === 'once') {
      const { key, end } = stretch;
      if (keepsAll || !seen.has(key)) {
        seen.add(key);
        ends.set(key, end);
        return stretch.xml;
      }
      // Another one of the same name: what ends it goes with it.
      if (end !== undefined && end !== ends.get(key)) seen.add(end);
      return '';
    }
    const { kind, series, id } = stretch;
    const key = keyOf(series, id);
    if (kind === 'same') return written.get(key) ?? id;
    const its = seen.has(key) ? another(series) : id;
    seen.add(key).add(keyOf(series, its));
    written.set(key, its);
    return its;
  });
  return out.join('');
}
