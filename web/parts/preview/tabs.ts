/** Tabs reach to the next stop of their paragraph: how far that is shows when the line is laid out (17.3.1.37). */
import { points, put } from './looks.ts';
import { attribute, children, type XmlNode } from './xmlTree.ts';

export interface TabStop {
  /** From where the text of the page begins, in points. */
  readonly at: number;
  readonly kind: 'start' | 'center' | 'end';
}

/** Half an inch: where there is a stop, unless the paragraph names others. */
const USUAL_STOP = 36;
const PX_PER_POINT = 4 / 3;

const KINDS: Readonly<Record<string, TabStop['kind']>> = {
  left: 'start',
  start: 'start',
  num: 'start',
  center: 'center',
  right: 'end',
  end: 'end',
  decimal: 'end',
};

/** @param sources properties of a paragraph, the strongest first */
export function stopsOf(sources: readonly (XmlNode | undefined)[]): TabStop[] {
  const stops = new Map<number, TabStop | undefined>();
  for (const source of sources) {
    for (const tab of children(children(source, 'tabs')[0], 'tab')) {
      const at = points(attribute(tab, 'pos'));
      if (at === undefined || stops.has(at)) continue;
      const kind = KINDS[attribute(tab, 'val') ?? ''];
      // A cleared one takes away that of a style.
      stops.set(at, kind && { at, kind });
    }
  }
  return [...stops.values()].filter((stop) => stop !== undefined).sort((a, b) => a.at - b.at);
}

/** The stops of paragraphs that have some of their own. */
export type Stops = WeakMap<HTMLElement, readonly TabStop[]>;

/** Of one paragraph; further ones are as wide as they are. */
const MOST_TABS = 20;

/**
 * Gives tabs their widths. The first of all paragraphs are measured together, then the second, …: each measuring has the
 * browser lay out what was changed before it.
 */
export function fitTabs(roots: readonly Element[], stops: Stops): void {
  const tabsOf = new Map<HTMLElement, HTMLElement[]>();
  for (const root of roots) {
    for (const tab of root.querySelectorAll<HTMLElement>('.doc-tab')) {
      const line = tab.closest('p');
      if (!line) continue;
      const tabs = tabsOf.get(line);
      if (tabs) tabs.push(tab);
      else tabsOf.set(line, [tab]);
    }
  }
  for (let nth = 0; nth < MOST_TABS && tabsOf.size > 0; nth++) {
    const widths: (readonly [HTMLElement, string])[] = [];
    for (const [line, tabs] of tabsOf) {
      const tab = tabs[nth];
      if (tab) widths.push([tab, widthOf(tab, line, stops.get(line) ?? [])]);
      else tabsOf.delete(line);
    }
    for (const [tab, width] of widths) put(tab, 'width', width);
  }
}

function widthOf(tab: HTMLElement, line: HTMLElement, own: readonly TabStop[]): string {
  const indent = Number.parseFloat(line.style.marginInlineStart) || 0;
  const start = line.getBoundingClientRect().left / PX_PER_POINT - indent;
  const at = tab.getBoundingClientRect().left / PX_PER_POINT - start;
  const stop =
    own.find((one) => one.at > at + 0.5) ??
    // A hanging first line ends where the others begin.
    (at < indent - 0.5 ? { at: indent, kind: 'start' as const } : undefined);
  if (!stop) {
    const usual = (Math.floor((at + 0.5) / USUAL_STOP) + 1) * USUAL_STOP;
    return `${usual - at}pt`;
  }
  const behind = stop.kind === 'start' ? 0 : widthBehind(tab, line);
  const room = stop.at - at - (stop.kind === 'center' ? behind / 2 : behind);
  // A little less, as widths are rounded, and a line that is full breaks.
  return `${Math.max(0, room - (behind > 0 ? 0.5 : 0))}pt`;
}

/** How wide the text is between a tab and the next one, or the end of the line; in points. */
function widthBehind(tab: HTMLElement, line: HTMLElement): number {
  const range = document.createRange();
  range.setStartAfter(tab);
  const next = [...line.querySelectorAll('.doc-tab, br')].find(
    (other) => (tab.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0,
  );
  if (next) range.setEndBefore(next);
  else range.setEndAfter(line.lastChild ?? tab);
  return range.getBoundingClientRect().width / PX_PER_POINT;
}
