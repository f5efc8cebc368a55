/**
 * Containers that must end with a paragraph, and content controls among rows, cells and runs: what
 * repairContainers() makes of them in each document, found out once for all.
 */
import {
  CONTAINER_TAG,
  ENDING_IN_PARAGRAPH,
  isControl,
  NOT_EMPTY,
} from '../repairs/repairContainers.ts';
import type { ControlPlace, Keeper, LossyElement } from './containers.ts';
import { bodiesOf, type Node, type SectionNode } from './nodes.ts';
import { endsTable, isPassedBy } from './tableEnds.ts';

export interface Endings {
  /** Containers to be filled, and content controls to be dropped. */
  readonly lossy: readonly LossyElement[];
  /** Of each content control's start, by its node. */
  readonly places: ReadonlyMap<Node, ControlPlace>;
}

/** What a list of blocks ends with. */
type Ending =
  /** A paragraph in some documents, by the keepers, and nothing in the others; without keepers always nothing. */
  | { readonly kind: 'maybe'; readonly keepers: readonly Keeper[] }
  | { readonly kind: 'paragraph' }
  | { readonly kind: 'other' }
  /** Not the same in all documents. */
  | { readonly kind: 'unsure' };

const NOTHING: Ending = { kind: 'maybe', keepers: [] };
const PARAGRAPH: Ending = { kind: 'paragraph' };
const OTHER: Ending = { kind: 'other' };
const UNSURE: Ending = { kind: 'unsure' };

interface Frame {
  readonly tag: string;
  readonly start: number;
  ending: Ending;
  /** Of a table or row: whether something that keeps it is in it in every document. */
  isKept: boolean;
}

const NOUNS: Readonly<Record<string, string>> = {
  tc: 'cell',
  txbxContent: 'text box',
  footnote: 'footnote',
  endnote: 'endnote',
  comment: 'comment',
  hdr: 'header',
  ftr: 'footer',
};

/**
 * To be called before paragraphs are added behind tables.
 * @param addsParagraphs whether they will be
 */
export function findEndings(
  nodes: readonly Node[],
  addsParagraphs: boolean,
  refuse: (reason: string) => void,
): Endings {
  const lossy: LossyElement[] = [];
  const places = new Map<Node, ControlPlace>();

  /** @param around what the list stands in, outermost first, content controls left out */
  function visit(list: readonly Node[], around: readonly string[]): Ending {
    const open: Frame[] = [];
    const holders = [...around];
    let ending = NOTHING;
    const put = (block: (before: Ending) => Ending) => {
      const frame = open.at(-1);
      if (frame) frame.ending = block(frame.ending);
      else ending = block(ending);
    };

    function close({ tag, start, ending: its, isKept }: Frame, at: number): void {
      const holder = open.at(-1);
      if (holder && (tag === 'tc' || (isKept && tag !== 'tbl'))) holder.isKept = true;
      if (tag === 'p') put(() => PARAGRAPH);
      // docxtemplater takes a table without rows away, and a row without cells.
      else if (tag === 'tbl') put(() => (isKept ? OTHER : UNSURE));
      else if (tag === 'sdtContent') {
        const place = placeOf(holders.at(-1));
        const filled = place === 'blocks' && its.kind === 'maybe' ? PARAGRAPH : its;
        // docxtemplater puts a paragraph behind a table, also at the end of a content control.
        const isBehindTable = addsParagraphs && followsTable(list, at);
        if (place === 'blocks') put(() => (isBehindTable ? PARAGRAPH : filled));
        if (place === 'rows' || place === 'cells') {
          const sdt = open.at(-1);
          const found = dropped(list, place, sdt?.start, start, at, refuse);
          if (found) lossy.push(found);
        }
      } else if (tag === 'sdt') put((before) => (its === NOTHING ? before : its));
      else if (ENDING_IN_PARAGRAPH.has(tag) || NOT_EMPTY.has(tag)) {
        const isSettled = its.kind !== 'unsure' && addsParagraphs && followsTable(list, at);
        if (its.kind === 'paragraph' || isSettled) return;
        if (NOT_EMPTY.has(tag) && its.kind === 'other') return;
        if (its.kind !== 'maybe') {
          refuse(`A ${NOUNS[tag]} may end without a paragraph.`);
        } else if (tag !== 'tc') {
          // Cells are filled by docxtemplater (containers.ts).
          const { keepers } = its;
          if (keepers.some(isUncertain)) {
            refuse(`A ${NOUNS[tag]} holds nothing but sections, one of them with a page break.`);
          } else lossy.push({ nodes: list, start, end: at, onLoss: 'fill', keepers });
        }
      }
    }

    list.forEach((node, i) => {
      if (node.kind === 'value') return;
      if (node.kind === 'section') {
        const endings = bodiesOf(node).map((body) => visit(body, holders));
        put((before) => behindSection(before, node, endings));
        return;
      }
      for (const match of node.xml.matchAll(CONTAINER_TAG)) {
        const { 0: written, 1: slash, 2: tag = '' } = match;
        if (written.endsWith('/>')) {
          if (tag === 'p') put(() => PARAGRAPH);
          continue;
        }
        if (slash === '') {
          if (tag === 'sdtContent') places.set(node, placeOf(holders.at(-1)));
          open.push({ tag, start: i, ending: NOTHING, isKept: false });
          if (!isControl(tag)) holders.push(tag);
          continue;
        }
        const frame = open.pop();
        if (!isControl(tag)) holders.pop();
        if (frame) close(frame, i);
        else if (tag === 'p') put(() => PARAGRAPH);
        else if (ENDING_IN_PARAGRAPH.has(tag) || isControl(tag)) {
          refuse(`A section begins and ends in different ${NOUNS[tag] ?? 'content control'}s.`);
        }
      }
    });
    return ending;
  }
  visit(nodes, []);
  return { lossy, places };
}

const placeOf = (holder: string | undefined): ControlPlace =>
  holder === 'tbl' ? 'rows' : holder === 'tr' ? 'cells' : holder === 'p' ? 'runs' : 'blocks';

/** What a list ends with behind a section. */
function behindSection(
  before: Ending,
  section: SectionNode,
  [body = NOTHING, ...others]: readonly Ending[],
): Ending {
  if ([body, ...others].every(isNothing)) return before;
  if (before.kind === 'paragraph') {
    const keepsIt = [body, ...others].every(({ kind }) => kind === 'paragraph' || kind === 'maybe');
    return keepsIt ? before : UNSURE;
  }
  if (before.kind !== 'maybe') return UNSURE;
  if (body.kind === 'paragraph')
    return { kind: 'maybe', keepers: [...before.keepers, { section, always: true, inner: [] }] };
  if (body.kind === 'maybe') {
    const keeper = { section, always: false, inner: body.keepers };
    return { kind: 'maybe', keepers: [...before.keepers, keeper] };
  }
  return UNSURE;
}

const isNothing = (ending: Ending) => ending.kind === 'maybe' && ending.keepers.length === 0;

/** Page breaks are written for sections that are left out, too. */
const isUncertain = ({ section, inner }: Keeper): boolean =>
  section.otherwise.length > 0 || section.lastBody !== undefined || inner.some(isUncertain);

function followsTable(nodes: readonly Node[], index: number): boolean {
  const node = nodes[index];
  // The end of a container in the middle of a piece has something else before it.
  if (node?.kind !== 'text' || !node.xml.startsWith('</')) return false;
  for (let i = index - 1; i >= 0; i--) {
    const before = nodes[i];
    if (before?.kind !== 'text') return false;
    if (!isPassedBy(before.xml)) return endsTable(before.xml);
  }
  return false;
}

/** A content control among rows or cells goes with the last of them. */
function dropped(
  list: readonly Node[],
  place: 'rows' | 'cells',
  start: number | undefined,
  contentStart: number,
  contentEnd: number,
  refuse: (reason: string) => void,
): LossyElement | undefined {
  const { kept, keepers } = whatHolds(list.slice(contentStart, contentEnd), PIECES[place]);
  if (kept) return undefined;
  const end = list.findIndex(
    (node, i) => i > contentEnd && node.kind === 'text' && node.xml === '</w:sdt>',
  );
  const first = start === undefined ? undefined : list[start];
  if (start === undefined || first?.kind !== 'text' || !first.xml.startsWith('<w:sdt') || end < 0) {
    refuse(`A section begins and ends in different content controls.`);
  } else if (keepers.some(isUncertain)) {
    refuse(`A content control among ${place} holds nothing but sections with page breaks.`);
  } else if (keepers.length === 0) {
    refuse(`A content control among ${place} has no content in the template.`);
  } else return { nodes: list, start, end, onLoss: 'drop', keepers };
  return undefined;
}

const PIECES = { rows: /^<w:tr[\s>]/, cells: /^<w:tc[\s>]/ } as const;

/** Whether some nodes always hold an element of a kind, or which sections decide. */
function whatHolds(
  nodes: readonly Node[],
  start: RegExp,
): { kept: boolean; keepers: readonly Keeper[] } {
  const keepers: Keeper[] = [];
  for (const node of nodes) {
    if (node.kind === 'text' && start.test(node.xml)) return { kept: true, keepers: [] };
    if (node.kind !== 'section') continue;
    const inside = whatHolds(node.body, start);
    if (inside.kept || inside.keepers.length > 0)
      keepers.push({ section: node, always: inside.kept, inner: inside.keepers });
  }
  return { kept: false, keepers };
}
