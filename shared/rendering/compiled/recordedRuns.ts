/**
 * Which run properties are repeated behind a line break: those that docxtemplater came across last in
 * the order of rendering, over all parts (recordPiece in repairs/lineBreaks.ts).
 */
import { recordPiece, repeatedProperties } from '../repairs/lineBreaks.ts';
import { bodiesOf, type Node, type SectionNode, type TextNode } from './nodes.ts';

/** What docxtemplater has recorded at some place of a template. */
export interface RecordedRun {
  /** Undefined where it differs from row to row. */
  readonly text: string | undefined;
  /** How deep within run properties. */
  readonly depth: number;
}

export const NOTHING_RECORDED: RecordedRun = { text: '', depth: 0 };

/** Properties of a run, in UTF-16 units, above which they are not written down for each value. */
const LONGEST_KNOWN = 4_096;

/** How a piece changes what is recorded. */
export function record({ text, depth }: RecordedRun, node: TextNode): RecordedRun {
  // What docxtemplater adds after rendering passes it by.
  if (node.units === 0) return { text, depth };
  const { tag, position, xml: value } = node;
  const known = recordPiece({ text: text ?? '', depth }, { tag, position, value });
  return text === undefined && tag !== 'w:r' ? { text, depth: known.depth } : known;
}

/**
 * Notes on every value what is recorded there: nothing where it is reached with one and with another.
 * Each list of nodes is gone through once for each state that it may be reached in, of which there are
 * few: what the text before it leaves, and what differs from row to row.
 * @returns what is recorded at the end of the nodes
 */
export function noteRuns(
  nodes: readonly Node[],
  start: RecordedRun,
  refuse: (reason: string) => void,
): RecordedRun {
  const known = new Map<readonly Node[], Map<string, RecordedRun>>();

  function noteList(list: readonly Node[], before: RecordedRun): RecordedRun {
    const ends = known.get(list) ?? new Map<string, RecordedRun>();
    known.set(list, ends);
    const key = `${before.depth}:${before.text === undefined ? '' : `=${before.text}`}`;
    const end = ends.get(key) ?? note(list, before);
    ends.set(key, end);
    return end;
  }

  function note(list: readonly Node[], before: RecordedRun): RecordedRun {
    let state = before;
    for (const node of list) {
      if (node.kind === 'text') state = shortened(record(state, node));
      else if (node.kind === 'value') {
        if (node.encoder !== undefined) continue;
        if (state.depth > 0) refuse(`{${node.tag.name}} stands within the properties of a run.`);
        const run = state.text === undefined ? undefined : repeatedProperties(state.text);
        node.run = 'run' in node && node.run !== run ? undefined : run;
      } else state = noteSection(node, state);
    }
    return state;
  }

  /** Bodies follow each other in any number: once round shows what one leaves to the next. */
  function noteSection(section: SectionNode, start: RecordedRun): RecordedRun {
    let before = start;
    for (let round = 0; round < 2; round++) {
      const ends = bodiesOf(section).map((body) => noteList(body, before));
      if (ends.some(({ depth }) => depth !== start.depth)) {
        refuse(`The section {#${section.tag.name}} begins or ends within the properties of a run.`);
      }
      if (ends.every(({ text }) => text === before.text)) break;
      before = { ...start, text: undefined };
    }
    return before;
  }

  return note(nodes, start);
}

const shortened = (run: RecordedRun): RecordedRun =>
  run.text !== undefined && run.text.length > LONGEST_KNOWN ? { ...run, text: undefined } : run;
