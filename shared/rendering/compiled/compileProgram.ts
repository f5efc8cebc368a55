/** Translates the tree of one part into a program, joining all XML between two tags into pieces. */
import type { Keeper, LossyElement } from './containers.ts';
import {
  bodiesOf,
  type Node,
  type SectionNode,
  type TextNode,
  type ValueNode,
  type NotedStretch,
} from './nodes.ts';
import {
  CLOSE_TEXT,
  COMMON_PIECES,
  OPEN_TEXT,
  type Instruction,
  type KeeperInstruction,
  type Program,
} from './program.ts';
import type { IdStretch, SeriesName, TakenIds } from '../repairs/ids.ts';
import { FILLING } from '../repairs/repairContainers.ts';
import { NOTHING_RECORDED, record } from './recordedRuns.ts';
import type { Slots } from './slots.ts';

const OPEN = COMMON_PIECES[OPEN_TEXT] ?? '';
const CLOSE = COMMON_PIECES[CLOSE_TEXT] ?? '';

/** What docxtemplater puts between two lines (renderLineBreaks), without the text elements around. */
const lineBreak = (run: string) => `</w:r><w:r><w:br/></w:r><w:r>${run}`;
export const LINE_BREAK_START = lineBreak('');

/** What a part's program needs to know besides its nodes. */
export interface PartContext {
  readonly lossy: readonly LossyElement[];
  /**
   * Whether the properties of runs must be recorded while rendering, for some value of the template that
   * does not know them before.
   */
  readonly recordsRuns: boolean;
  readonly part: string;
  readonly slots: Slots;
  /** Ids that the part has. */
  readonly taken: TakenIds;
}

export function compileProgram(
  nodes: readonly Node[],
  { lossy, recordsRuns, part, slots, taken }: PartContext,
): Program {
  const texts: string[] = [...COMMON_PIECES];
  const numbers = new Map(texts.map((text, i) => [text, i]));

  function pieceOf(text: string): number {
    const known = numbers.get(text);
    if (known !== undefined) return known;
    numbers.set(text, texts.length);
    return texts.push(text) - 1;
  }

  const elements = elementsByPlace(lossy);

  function compileList(list: readonly Node[], from = 0, to = list.length): Instruction[] {
    const out: Instruction[] = [];
    /** XML since the last tag, and what it means to docxtemplater. */
    let xml: string[] = [];
    /** The same as it is written from the second time on; the first key of what it leaves out. */
    let again: string[] = [];
    let onceKey: string | undefined;
    let units = 0;
    let opensText = false;
    let closesText = false;
    /** Whether nothing but tags came since a text element may have begun. */
    let isUnsettled = true;
    let runs: TextNode[] = [];

    function add(node: TextNode): void {
      units += node.units;
      if (recordsRuns) runs.push(node);
      let text = node.xml;
      if (text === '') return;
      const closes = text.startsWith(CLOSE);
      if (isUnsettled) {
        closesText = closes;
        if (closes) text = text.slice(CLOSE.length);
        else out.push({ kind: 'settleText' });
        isUnsettled = false;
      } else if (opensText && closes) {
        for (const stretch of [xml, again]) stretch.push(`${beforeOpening(stretch)}<w:t/>`);
        text = text.slice(CLOSE.length);
      }
      if (node.stretches) addStretches(node.stretches);
      else push(text, text);
      opensText = text.endsWith(OPEN);
    }

    function push(text: string, textAgain: string): void {
      xml.push(text);
      again.push(textAgain);
    }

    function addStretches(stretches: readonly NotedStretch[]): void {
      for (const stretch of stretches) {
        if (stretch.kind === 'plain') push(stretch.xml, stretch.xml);
        else if (stretch.kind === 'once' && stretch.isAlone) {
          flush();
          out.push(onceOf(stretch));
        } else if (stretch.kind === 'once') {
          onceKey ??= stretch.key;
          push(stretch.xml, '');
        } else {
          flush();
          out.push(idOf(stretch));
        }
      }
    }

    function flush(): void {
      if (opensText) for (const stretch of [xml, again]) stretch.push(beforeOpening(stretch));
      const written = xml.join('');
      const slot = onceKey === undefined ? undefined : slots.of(part, onceKey);
      if (closesText) {
        // Of the two only one is written, so the first must not lean on the second.
        const rest = pieceOf(written);
        const whole = pieceOf(CLOSE + written);
        if (slot === undefined) out.push({ kind: 'closeText', whole, rest, units });
        else {
          const restAgain = pieceOf(again.join(''));
          const wholeAgain = pieceOf(CLOSE + again.join(''));
          out.push({ kind: 'closeTextOnce', slot, whole, rest, wholeAgain, restAgain, units });
        }
      } else if (written !== '' || units > 0) {
        const piece = pieceOf(written);
        out.push(
          slot === undefined
            ? { kind: 'piece', piece, units }
            : { kind: 'pieceOnce', slot, piece, again: pieceOf(again.join('')), units },
        );
      }
      if (opensText) out.push({ kind: 'openText' });
      if (opensText) isUnsettled = true;
      if (runs.length > 0) out.push(...recordings(runs));
      xml = [];
      again = [];
      onceKey = undefined;
      units = 0;
      opensText = false;
      closesText = false;
      runs = [];
    }

    for (let i = from; i < to; i++) {
      const node = list[i];
      const element = elements.dropped(list, i);
      if (element && !(i === from && to === element.end + 1)) {
        flush();
        if (isUnsettled) out.push({ kind: 'settleText' });
        const body = compileList(list, i, element.end + 1);
        out.push({
          kind: 'keep',
          when: element.keepers.map(keeperOf),
          body,
          units: unitsOf(list, i, element.end),
        });
        i = element.end;
        isUnsettled = true;
        continue;
      }
      const filled = elements.filled(list, i);
      if (filled) {
        flush();
        if (isUnsettled) out.push({ kind: 'settleText' });
        isUnsettled = false;
        out.push({ kind: 'fill', piece: pieceOf(FILLING), unless: filled.keepers.map(keeperOf) });
      }
      if (node?.kind === 'text') add(node);
      else if (node) {
        flush();
        out.push(node.kind === 'value' ? valueOf(node) : compileSection(node));
        isUnsettled = true;
      }
    }
    flush();
    return out;
  }

  function onceOf({ key, xml, end }: Extract<IdStretch, { kind: 'once' }>): Instruction {
    const slot = slots.of(part, key);
    const piece = pieceOf(xml);
    return { kind: 'once', slot, piece, ...(end !== undefined && { end: slots.of(part, end) }) };
  }

  function idOf({ kind, series, id }: Extract<IdStretch, { series: SeriesName }>): Instruction {
    const slot = slots.of(part, `${series} ${id}`);
    const piece = pieceOf(id);
    return kind === 'unique'
      ? { kind: 'id', slot, piece, series: slots.series(part, series, taken) }
      : { kind: 'sameId', slot, piece };
  }

  function valueOf({ tag, run, encoder, lineBreak: other }: ValueNode): Instruction {
    const made = { kind: 'value', tag } as const;
    if (encoder !== undefined) return { ...made, lineBreak: undefined, isWord: false, encoder };
    if (run === null) return { ...made, lineBreak: undefined, isWord: false };
    if (other !== undefined) return { ...made, lineBreak: pieceOf(other), isWord: false };
    const known = run === undefined ? 'recorded' : pieceOf(lineBreak(run));
    return { ...made, lineBreak: known, isWord: true };
  }

  function compileSection(section: SectionNode): Instruction {
    const { body, lastBody, otherwise } = section;
    return {
      kind: 'section',
      ...readerOf(section),
      body: compileList(body),
      lastBody: lastBody && compileList(lastBody),
      otherwise: compileList(otherwise),
    };
  }

  const instructions = compileList(nodes);
  return { instructions, pieces: texts.map((text) => Buffer.from(text)), slots: slots.size };
}

/** Takes the last text of a stretch, which opens a text element, and leaves out that. */
const beforeOpening = (stretch: string[]) => (stretch.pop() ?? '').slice(0, -OPEN.length);

/** Finds the element that is dropped from a place on, and the one that is filled at its end. */
function elementsByPlace(lossy: readonly LossyElement[]) {
  const starts = new Map<readonly Node[], Map<number, LossyElement>>();
  const ends = new Map<readonly Node[], Map<number, LossyElement>>();
  for (const element of lossy) {
    const [places, at] = element.onLoss === 'drop' ? [starts, element.start] : [ends, element.end];
    const known = places.get(element.nodes) ?? new Map<number, LossyElement>();
    places.set(element.nodes, known);
    if (!known.has(at)) known.set(at, element);
  }
  return {
    dropped: (list: readonly Node[], at: number) => starts.get(list)?.get(at),
    filled: (list: readonly Node[], at: number) => ends.get(list)?.get(at),
  };
}

const readerOf = ({ tag, inverted }: SectionNode) => ({ tag, inverted });

const keeperOf = ({ section, always, inner }: Keeper): KeeperInstruction => ({
  section: readerOf(section),
  always,
  inner: inner.map(keeperOf),
});

const unitsOf = (list: readonly Node[], start: number, end: number): number =>
  list
    .slice(start, end + 1)
    .reduce((sum, node) => sum + (node.kind === 'text' ? node.units : 0), 0);

/** What a stretch of XML leaves recorded, as one step: it restarts the record or adds to it. */
function recordings(nodes: readonly TextNode[]): Instruction[] {
  const restart = nodes.some((node) => node.tag === 'w:r' && node.units > 0);
  const { text = '' } = nodes.reduce(record, NOTHING_RECORDED);
  return restart || text !== '' ? [{ kind: 'record', restart, text }] : [];
}

/** Whether some value learns the properties of its run only from the rendering. */
export const needsRecording = (nodes: readonly Node[]): boolean =>
  nodes.some((node) =>
    node.kind === 'value'
      ? node.run === undefined && node.lineBreak === undefined
      : node.kind === 'section' && bodiesOf(node).some(needsRecording),
  );
