/**
 * Which texts of a part have ids that must not be written twice (repairs/ids.ts): those in sections, and
 * those that the template itself has twice.
 */
import {
  hasIds,
  IN_NO_FALLBACK,
  idStretches,
  type IdPlace,
  type IdStretch,
} from '../repairs/ids.ts';
import type { Node, NotedStretch, TextNode } from './nodes.ts';

/** Notes them on the nodes. */
export function noteRepeatedIds(nodes: readonly Node[]): void {
  const found: { node: TextNode; stretches: readonly IdStretch[]; inSection: boolean }[] = [];

  function visit(list: readonly Node[], start: IdPlace, inSection: boolean): IdPlace {
    let place = start;
    for (const node of list) {
      if (node.kind === 'section') {
        const end = visit(node.body, place, true);
        // The same once more, for the last item.
        visit(node.lastBody ?? [], place, true);
        place = end;
      } else if (node.kind === 'text' && (hasIds(node.xml) || node.xml.includes('mc:Fallback'))) {
        const { stretches, end } = idStretches(node.xml, place);
        place = end;
        if (stretches.some(({ kind }) => kind !== 'plain'))
          found.push({ node, stretches, inSection });
      }
    }
    return place;
  }
  visit(nodes, IN_NO_FALLBACK, false);

  const alone = keysThatStandTwice(found.map(({ stretches }) => stretches));
  for (const { node, stretches, inSection } of found) {
    const noted = stretches.map((stretch): NotedStretch =>
      stretch.kind === 'once' && alone.has(stretch.key) ? { ...stretch, isAlone: true } : stretch,
    );
    if (inSection || noted.some(({ isAlone }) => isAlone)) node.stretches = noted;
  }
}

/** The last bodies of sections have everything once more, which makes it stand alone, too. */
function keysThatStandTwice(lists: readonly (readonly IdStretch[])[]): ReadonlySet<string> {
  const seen = new Set<string>();
  const twice = new Set<string>();
  const ends = new Map<string, string[]>();
  for (const stretch of lists.flat()) {
    if (stretch.kind !== 'once') continue;
    const { key, end } = stretch;
    if (seen.has(key)) twice.add(key);
    seen.add(key);
    if (end !== undefined) ends.set(key, [...(ends.get(key) ?? []), end]);
  }
  for (const key of [...twice]) for (const end of ends.get(key) ?? []) twice.add(end);
  return twice;
}
