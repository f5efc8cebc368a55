/**
 * Which run properties docxtemplater repeats behind a line break: those that it came across last in
 * the order of rendering, over all parts (recordRuns in its modules/render.js).
 */
import { bodiesOf, type Node, type TextNode } from './nodes.ts';

/** What docxtemplater has recorded at some place of a template. */
export interface RecordedRun {
  /** Undefined where it differs from row to row. */
  readonly text: string | undefined;
  /** Within run properties. */
  readonly recording: boolean;
}

export const NOTHING_RECORDED: RecordedRun = { text: '', recording: false };

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
 * Notes on every value what is recorded there.
 * @returns what is recorded at the end of the nodes
 */
export function noteRuns(
  nodes: readonly Node[],
  start: RecordedRun,
  refuse: (reason: string) => void,
): RecordedRun {
  let state = start;
  for (const node of nodes) {
    if (node.kind === 'text') state = record(state, node);
    else if (node.kind === 'value') {
      if (state.recording) refuse(`{${node.name}} stands within the properties of a run.`);
      node.run = state.text;
    } else {
      // Bodies follow each other in any number: once round shows what one leaves to the next.
      let before = state;
      for (let round = 0; round < 2; round++) {
        const ends = bodiesOf(node).map((body) => noteRuns(body, before, refuse));
        if (ends.some(({ recording }) => recording !== state.recording)) {
          refuse(`The section {#${node.name}} begins or ends within the properties of a run.`);
        }
        const isSame = ends.every(({ text }) => text === before.text);
        before = { ...state, text: isSame ? before.text : undefined };
      }
      state = before;
    }
  }
  return state;
}
