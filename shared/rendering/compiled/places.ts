/** What may stand next to a place of a template once it is rendered. */
import { bodiesOf, type Node, type SectionNode } from './nodes.ts';

/** A list of nodes and where it stands. */
export interface Place {
  readonly nodes: readonly Node[];
  /** The section that the list belongs to, and where that stands; absent for a part's own list. */
  readonly within?: {
    readonly section: SectionNode;
    readonly place: Place;
    readonly index: number;
  };
}

/** All lists of a part, outer ones first. */
export function listPlaces(nodes: readonly Node[]): Place[] {
  const visit = (place: Place): Place[] => [
    place,
    ...place.nodes.flatMap((section, index) =>
      section.kind === 'section'
        ? bodiesOf(section).flatMap((body) =>
            visit({ nodes: body, within: { section, place, index } }),
          )
        : [],
    ),
  ];
  return visit({ nodes });
}

/**
 * The pieces that can come first from `index` of a place on, in any document, apart from those that
 * `skips` says are looked past. Values are among them as undefined.
 */
export function nextPieces(
  place: Place,
  index: number,
  skips: (xml: string) => boolean,
): Set<string | undefined> {
  const found = new Set<string | undefined>();
  const seen = new Set<string>();
  const ids = new Map<readonly Node[], number>();

  function walk(at: Place, from: number): void {
    const { nodes, within } = at;
    const id = ids.get(nodes) ?? ids.size;
    ids.set(nodes, id);
    const key = `${id}:${from}`;
    if (seen.has(key)) return;
    seen.add(key);
    for (let i = from; i < nodes.length; i++) {
      const node = nodes[i];
      if (!node) continue;
      if (node.kind === 'section') {
        for (const body of bodiesOf(node)) {
          walk({ nodes: body, within: { section: node, place: at, index: i } }, 0);
        }
        // It may also write nothing.
        continue;
      }
      if (node.kind === 'value') {
        found.add(undefined);
        // It may be empty.
        continue;
      }
      if (skips(node.xml)) continue;
      found.add(node.xml);
      return;
    }
    if (!within) return;
    for (const body of bodiesOf(within.section)) walk({ nodes: body, within }, 0);
    walk(within.place, within.index + 1);
  }
  walk(place, index);
  return found;
}
