/**
 * docxtemplater repairs tables, rows, cells and content controls whose content rendering took away
 * (tagShouldContain in its file-type-config.js, applied by join-uncorrupt.js). Each of them is proved
 * here to keep its content always, or gets a condition under which it loses it.
 */
import { bodiesOf, type Node, type SectionNode } from './nodes.ts';
import type { Place } from './places.ts';
import { endsTable, isPassedBy } from './tableEnds.ts';

/** Where a content control stands, by the nearest element around it that is none. */
export type ControlPlace = 'blocks' | 'rows' | 'cells' | 'runs';

interface Rule {
  readonly tag: string;
  /** One of these keeps the element. */
  readonly needs: readonly string[];
  /** How it is called in a reason. */
  readonly noun: string;
  readonly onLoss: 'fill' | 'drop' | 'refuse';
}

const RULES: readonly Rule[] = [
  {
    tag: 'w:sdtContent',
    needs: ['w:p', 'w:r', 'w:commentRangeStart', 'w:sdt'],
    noun: 'content control',
    onLoss: 'fill',
  },
  { tag: 'w:tc', needs: ['w:p'], noun: 'cell', onLoss: 'fill' },
  { tag: 'w:tr', needs: ['w:tc'], noun: 'row', onLoss: 'refuse' },
  { tag: 'w:tbl', needs: ['w:tr'], noun: 'table', onLoss: 'drop' },
];

/** A section decides: one of its items, or of the items of those in it, keeps the element. */
export interface Keeper {
  readonly section: SectionNode;
  /** Every item does; else those for which one of `inner` does. */
  readonly always: boolean;
  readonly inner: readonly Keeper[];
}

/** An element that may lose its content: from its start tag to its end tag in one list. */
export interface LossyElement {
  readonly nodes: readonly Node[];
  readonly start: number;
  readonly end: number;
  readonly onLoss: 'fill' | 'drop';
  readonly keepers: readonly Keeper[];
}

/** As isStarting() of docxtemplater's doc-utils.js. */
const isStarting = (xml: string, tag: string) =>
  xml.startsWith(`<${tag}`) && ['>', ' ', '/'].includes(xml[tag.length + 1] ?? '');

/**
 * To be called before paragraphs are added behind tables, which hides what a table stands in.
 * @param addsParagraphs whether they will be
 * @param controls where content controls stand: docxtemplater fills them all alike, which is repaired
 *   where no paragraph may stand (endings.ts)
 */
export function findLossyElements(
  places: readonly Place[],
  addsParagraphs: boolean,
  controls: ReadonlyMap<Node, ControlPlace>,
  refuse: (reason: string) => void,
): LossyElement[] {
  return RULES.flatMap((rule) => {
    const found = places.map((place) => findIn(place, rule, addsParagraphs, controls, refuse));
    const lossy = found.flatMap((each) => each.lossy);
    if (lossy.length > 0 && found.some(({ nested }) => nested)) {
      refuse(
        `A ${rule.noun} that may lose its content begins with, or is in, another ${rule.noun}.`,
      );
    }
    return lossy;
  });
}

function findIn(
  around: Place,
  rule: Rule,
  addsParagraphs: boolean,
  controls: ReadonlyMap<Node, ControlPlace>,
  refuse: (reason: string) => void,
): { lossy: LossyElement[]; nested: boolean } {
  const { nodes } = around;
  const lossy: LossyElement[] = [];
  let nested = false;
  const open: number[] = [];
  nodes.forEach((node, i) => {
    if (node.kind !== 'text') return;
    if (isStarting(node.xml, rule.tag) && !node.xml.includes('<', 1)) {
      if (node.xml.at(-2) === '/') refuse(`A ${rule.noun} is empty in the template.`);
      else open.push(i);
    } else if (node.xml === `</${rule.tag}>`) {
      const start = open.pop();
      const first = start === undefined ? undefined : nodes[start];
      const place = first && controls.get(first);
      if (start === undefined) refuse(`A section begins and ends in different ${rule.noun}s.`);
      else if (place === undefined || place === 'blocks') {
        const { kept, keepers, ...found } = whatKeeps(nodes, rule, start + 1, i);
        nested ||= found.nested;
        // Where a table comes last, the paragraph behind it keeps what it stands in.
        if (kept || (addsParagraphs && followsTable(nodes, i))) return;
        const element = judge(around, rule, start, i, keepers, refuse);
        if (element) lossy.push(element);
      }
    }
  });
  if (open.length > 0) refuse(`A section begins and ends in different ${rule.noun}s.`);
  return { lossy, nested };
}

function judge(
  place: Place,
  { noun, onLoss }: Rule,
  start: number,
  end: number,
  keepers: readonly Keeper[],
  refuse: (reason: string) => void,
): LossyElement | undefined {
  const keeping = keepers.map(({ section }) => `{#${section.tag.name}}`).join(', ');
  const content = place.nodes.slice(start + 1, end);
  if (keepers.length === 0) refuse(`A ${noun} has no content in the template.`);
  else if (onLoss === 'refuse') {
    refuse(`A ${noun} holds nothing but ${keeping}, and is lost when that is empty.`);
  } else if (keepers.some(hasPageBreak)) {
    refuse(`A ${noun} holds nothing but ${keeping}, with a page break.`);
  } else if (content.some((node) => node.kind === 'text' && node.tag === 'w:t')) {
    refuse(`A ${noun} holds text outside of paragraphs.`);
  } else if (onLoss === 'drop' && place.within && mayFollowTable(place, start)) {
    refuse(`A table that is lost when ${keeping} is empty may stand directly behind another one.`);
  } else return { nodes: place.nodes, start, end, onLoss, keepers };
  return undefined;
}

function followsTable(nodes: readonly Node[], index: number): boolean {
  for (let i = index - 1; i >= 0; i--) {
    const node = nodes[i];
    if (node?.kind !== 'text') return false;
    if (!isPassedBy(node.xml)) return endsTable(node.xml);
  }
  return false;
}

const hasPageBreak = ({ section, inner }: Keeper): boolean =>
  section.otherwise.length > 0 || section.lastBody !== undefined || inner.some(hasPageBreak);

/**
 * Whether a table may stand directly before a place. Where sections are joined again, what is left of
 * a dropped table then counts as something that needs a paragraph before it.
 */
function mayFollowTable({ nodes }: Place, index: number): boolean {
  for (let i = index - 1; i >= 0; i--) {
    const node = nodes[i];
    if (node?.kind === 'text' && !isPassedBy(node.xml)) return endsTable(node.xml);
    if (node?.kind === 'value') return true;
    if (node?.kind === 'section' && mayEndTable(node)) return true;
  }
  return true;
}

const mayEndTable = (section: SectionNode): boolean =>
  bodiesOf(section).some((nodes) =>
    nodes.some(
      (node) =>
        (node.kind === 'text' && endsTable(node.xml)) ||
        (node.kind === 'section' && mayEndTable(node)),
    ),
  );

/** What of some nodes keeps the element around them, in the order in which docxtemplater looks. */
function whatKeeps(
  nodes: readonly Node[],
  rule: Rule,
  from = 0,
  to = nodes.length,
): { kept: boolean; keepers: Keeper[]; nested: boolean } {
  const keepers: Keeper[] = [];
  let nested = false;
  for (let i = from; i < to; i++) {
    const node = nodes[i];
    if (node?.kind === 'text') {
      if (rule.needs.some((tag) => isStarting(node.xml, tag)))
        return { kept: true, keepers, nested };
      nested ||= isStarting(node.xml, rule.tag);
    } else if (node?.kind === 'section') {
      const inside = whatKeeps(node.body, rule);
      nested ||= inside.nested;
      if (inside.kept || inside.keepers.length > 0) {
        keepers.push({ section: node, always: inside.kept, inner: inside.keepers });
      }
    }
  }
  return { kept: false, keepers, nested };
}
