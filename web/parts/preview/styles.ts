/** Styles of a document: what holds for a paragraph or a run that says nothing itself (ECMA-376 part 1, 17.7). */
import { attribute, child, children, valueOf, type XmlNode } from './xmlTree.ts';

/**
 * Elements that hold properties, the strongest first: of each property the first that says something counts,
 * attribute by attribute.
 */
export interface Properties {
  /** An element, of the strongest that has it. */
  readonly get: (name: string) => XmlNode | undefined;
  readonly attribute: (name: string, attributeName: string) => string | undefined;
  /** `w:val`. */
  readonly value: (name: string) => string | undefined;
  /** A property that is on or off (17.17.4). */
  readonly isOn: (name: string) => boolean;
}

const OFF: ReadonlySet<string> = new Set(['0', 'false', 'off', 'none']);

export const isOff = (value: string | undefined): boolean => value !== undefined && OFF.has(value);

export function propertiesOf(sources: readonly (XmlNode | undefined)[]): Properties {
  const get = (name: string) => {
    for (const source of sources) {
      const found = child(source, name);
      if (found) return found;
    }
    return undefined;
  };
  const find = (name: string, attributeName: string) => {
    for (const source of sources) {
      const found = attribute(child(source, name), attributeName);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return {
    get,
    attribute: find,
    value: (name) => find(name, 'val'),
    isOn(name) {
      const found = get(name);
      return found !== undefined && !isOff(attribute(found, 'val'));
    },
  };
}

export interface Styles {
  /** A style and what it is based on, the nearest first; of its kind the usual one when none is named. */
  readonly chain: (kind: 'paragraph' | 'character' | 'table', id: string | undefined) => XmlNode[];
  readonly defaultParagraph: XmlNode | undefined;
  readonly defaultRun: XmlNode | undefined;
  /** A font of the theme, such as minorHAnsi. */
  readonly themeFont: (name: string) => string | undefined;
}

/** Deeper than Word lets styles be based on each other. */
const MOST_BASES = 20;

export function readStyles(styles: XmlNode | undefined, theme: XmlNode | undefined): Styles {
  const byId = new Map<string, XmlNode>();
  const usual = new Map<string, string>();
  for (const style of children(styles, 'style')) {
    const id = attribute(style, 'styleId') ?? '';
    byId.set(id, style);
    const isDefault = attribute(style, 'default');
    if (isDefault !== undefined && !isOff(isDefault)) usual.set(attribute(style, 'type') ?? '', id);
  }
  const defaults = child(styles, 'docDefaults');
  return {
    chain(kind, id) {
      const found: XmlNode[] = [];
      let next = id ?? (kind === 'character' ? undefined : usual.get(kind));
      while (next !== undefined && found.length < MOST_BASES) {
        const style = byId.get(next);
        if (!style) break;
        found.push(style);
        next = valueOf(style, 'basedOn');
      }
      return found;
    },
    defaultParagraph: child(child(defaults, 'pPrDefault'), 'pPr'),
    defaultRun: child(child(defaults, 'rPrDefault'), 'rPr'),
    themeFont: (name) => themeFont(theme, name),
  };
}

function themeFont(theme: XmlNode | undefined, name: string): string | undefined {
  const scheme = child(child(theme, 'themeElements'), 'fontScheme');
  const group = child(scheme, name.startsWith('major') ? 'majorFont' : 'minorFont');
  const script = name.endsWith('EastAsia') ? 'ea' : name.endsWith('Bidi') ? 'cs' : 'latin';
  return attribute(child(group, script), 'typeface');
}
