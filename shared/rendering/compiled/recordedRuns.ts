/**
 * Which run properties docxtemplater repeats behind a line break: those that it came across last in
 * the order of rendering, over all parts (recordRuns in its modules/render.js).
 */
import { bodiesOf, type Node, type SectionNode, type TextNode } from './nodes.ts';

/** What docxtemplater has recorded at some place of a template. */
export interface RecordedRun {
  /** Undefined where it differs from row to row. */
  readonly text: string | undefined;
  /** Within run properties. */
  readonly recording: boolean;
}

export const NOTHING_RECORDED: RecordedRun = { text: '', recording: false };

/** Properties of a run, in UTF-16 units, above which they are not written down for each value. */
const LONGEST_KNOWN = 4_096;

/** How a piece changes what is recorded. */
export function record({ text, recording }: RecordedRun, node: TextNode): RecordedRun {
  const append = (more: string) => (text === undefined ? undefined : text + more);
  // What docxtemplater adds after rendering passes it by.
  if (node.units === 0) return { text, recording };
  if (node.tag === 'w:r') return { text: '', recording };
  if (node.tag === 'w:rPr') return { text: append(node.xml), recording: node.position === 'start' };
  return { text: recording ? append(node.xml) : text, recording };
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
    const key = `${before.recording}:${before.text === undefined ? '' : `=${before.text}`}`;
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
        if (state.recording) refuse(`{${node.name}} stands within the properties of a run.`);
        node.run = 'run' in node && node.run !== state.text ? undefined : state.text;
      } else state = noteSection(node, state);
    }
    return state;
  }

  /** Bodies follow each other in any number: once round shows what one leaves to the next. */
  function noteSection(section: SectionNode, start: RecordedRun): RecordedRun {
    let before = start;
    for (let round = 0; round < 2; round++) {
      const ends = bodiesOf(section).map((body) => noteList(body, before));
      if (ends.some(({ recording }) => recording !== start.recording)) {
        refuse(`The section {#${section.name}} begins or ends within the properties of a run.`);
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
