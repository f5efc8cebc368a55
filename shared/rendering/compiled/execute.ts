/** Runs a program over a row: what docxtemplater's render.js and scope-manager.js do, piece by piece. */
import type { Spellings } from '../../columns/spellings.ts';
import type { Row } from '../../schemas/common.ts';
import { TextExceeded } from '../rowFailures.ts';
import { countBreaks, hasIllegalCharacters } from '../escaping.ts';
import {
  encodeFor,
  LOST_WHITE_SPACE,
  placeXml,
  UnsafeLink,
  type Encoder,
} from '../places/encoders.ts';
import { repeatedProperties, withLineFeeds } from '../repairs/lineBreaks.ts';
import { AS_IT_IS, itemsOf } from '../../tags/fillings.ts';
import { readTag } from '../../tags/readTag.ts';
import type { TagExpression } from '../../tags/tagExpression.ts';
import { UNWRITABLE, type Sink } from '../sink.ts';
import { NoValue } from '../../tags/formats/format.ts';
import { printedOf } from '../../tags/shown.ts';
import { LINE_BREAK_START } from './compileProgram.ts';
import {
  CLOSE_TEXT,
  EMPTY_TEXT,
  OPEN_TEXT,
  type Instruction,
  type KeeperInstruction,
  type SectionInstruction,
  type SectionReader,
  type ValueInstruction,
} from './program.ts';

export interface Executor {
  /**
   * Starts a document.
   * @param spellings further keys that names of tags are looked up by
   */
  start(row: Row, spellings?: Spellings): void;
  /**
   * Writes one of its parts, in the order in which docxtemplater writes them.
   * @throws Unwritable when stock docxtemplater must say what becomes of the row; TextExceeded
   */
  run(instructions: readonly Instruction[], sink: Sink): void;
  /** Whether a value tag was reached that has no value. */
  readonly missed: boolean;
}

/**
 * @param textUnits the text that one document may have, in UTF-16 units
 * @param breakUnits what a line break counts as
 * @param slots how many things a document must remember
 */
export function createExecutor(textUnits: number, breakUnits: number, slots: number): Executor {
  /** The row, then the scope of each section entered. */
  const scopes: unknown[] = [];
  let depth = 0;
  let units = 0;
  let missed = false;
  /** A text element has begun and nothing was written into it yet. */
  let isTextOpen = false;
  let recordedRun = '';
  let spellings: Spellings | undefined;
  let sink: Sink;
  /** Number of this document, and of the one that each slot was written in last. */
  let document = 0;
  const writtenIn = new Int32Array(slots);
  /**
   * Of slots that hold ids: the last one, where it is new. Of counters: the next number; of what is written
   * once: the slot of its end.
   */
  const ids: (string | undefined)[] = Array.from({ length: slots });
  const next: number[] = Array.from({ length: slots }, () => 0);

  function count(more: number): void {
    units += more;
    if (units > textUnits) throw new TextExceeded(textUnits);
  }

  /** What a tag stands for; stock docxtemplater's engine says why a format cannot read a value. */
  function read(tag: TagExpression): unknown {
    const value = readTag(tag, scopes, depth, spellings);
    if (tag.show !== undefined && value instanceof NoValue) throw UNWRITABLE;
    return value;
  }

  function settleText(): void {
    if (!isTextOpen) return;
    isTextOpen = false;
    sink.piece(OPEN_TEXT);
  }

  function writeText(text: string): void {
    if (text === '') return;
    settleText();
    sink.text(text);
  }

  function writeLines(text: string, lineBreak: number | 'recorded', isWord: boolean): void {
    let start = 0;
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
      count(breakUnits);
      writeText(text.slice(start, end));
      if (isWord) sink.piece(isTextOpen ? EMPTY_TEXT : CLOSE_TEXT);
      if (lineBreak === 'recorded') sink.markup(LINE_BREAK_START + repeatedProperties(recordedRun));
      else sink.piece(lineBreak);
      isTextOpen = isWord;
      start = end + 1;
    }
    writeText(start === 0 ? text : text.slice(start));
  }

  function writeValue(instruction: ValueInstruction): void {
    const { lineBreak, isWord } = instruction;
    const value = read(instruction.tag);
    switch (typeof value) {
      case 'string': {
        const text = withLineFeeds(value);
        count(text.length);
        if (lineBreak === undefined) {
          count(breakUnits * countBreaks(text));
          writeText(text);
        } else writeLines(text, lineBreak, isWord);
        return;
      }
      case 'number':
      case 'boolean':
        writeText(String(value));
        return;
      default: {
        if (value === undefined || value === null) {
          missed = true;
          return;
        }
        const list = printedOf(value);
        if (!Array.isArray(list) || !isPrintable(list)) throw UNWRITABLE;
        const text = withLineFeeds(String(list));
        count(text.length);
        writeText(text);
      }
    }
  }

  /** A value where no text of the document stands. */
  function writeEncoded(instruction: ValueInstruction, encoder: Encoder): void {
    const found = printedOf(read(instruction.tag)) ?? undefined;
    if (found === undefined) missed = true;
    const text = withLineFeeds(textOf(found));
    if (typeof found === 'string') count(text.length + breakUnits * countBreaks(text));
    else if (Array.isArray(found)) count(text.length);
    if (hasIllegalCharacters(text)) throw UNWRITABLE;
    const encoded = encodeOrLeave(encoder, text);
    if (encoded === '') return;
    settleText();
    if (encoded.search(LOST_WHITE_SPACE) === -1) sink.text(encoded);
    else sink.markup(placeXml(encoded));
  }

  /** Whether nothing was written for a slot in this document yet. */
  function isFirst(slot: number): boolean {
    if (writtenIn[slot] === document) return false;
    writtenIn[slot] = document;
    ids[slot] = undefined;
    return true;
  }

  function closeTextOnce({
    slot,
    whole,
    rest,
    wholeAgain,
    restAgain,
    units: more,
  }: Extract<Instruction, { kind: 'closeTextOnce' }>): void {
    count(more);
    const first = isFirst(slot);
    if (isTextOpen) {
      isTextOpen = false;
      sink.piece(EMPTY_TEXT);
      sink.piece(first ? rest : restAgain);
    } else sink.piece(first ? whole : wholeAgain);
  }

  function writeOnce({ slot, piece, end }: Extract<Instruction, { kind: 'once' }>): void {
    if (isFirst(slot)) {
      next[slot] = end ?? NO_END;
      sink.piece(piece);
    } else if (end !== undefined && next[slot] !== end) {
      // Another one of the same name: what ends it goes with it.
      isFirst(end);
    }
  }

  function writeId({ slot, piece, series }: Extract<Instruction, { kind: 'id' }>): void {
    if (isFirst(slot)) {
      sink.piece(piece);
      return;
    }
    const { counter, first, idOf, taken } = series;
    if (isFirst(counter)) next[counter] = first;
    let number = next[counter] ?? first;
    while (taken.has(idOf(number))) number++;
    next[counter] = number + 1;
    const id = idOf(number);
    ids[slot] = id;
    sink.text(id);
  }

  function runSection(section: SectionInstruction): void {
    const { inverted, body, lastBody, otherwise } = section;
    const value = read(section.tag);
    const items = itemsOf(value);
    if (inverted) {
      if (items === undefined) runItem(scopes[depth], lastBody ?? body);
      else if (!Array.isArray(value)) runAll(otherwise);
    } else if (items === undefined) runAll(otherwise);
    else if (items === AS_IT_IS) runItem(scopes[depth], lastBody ?? body);
    else {
      const last = items.length - 1;
      for (let i = 0; i <= last; i++) runItem(items[i], i === last ? (lastBody ?? body) : body);
    }
  }

  function runItem(scope: unknown, body: readonly Instruction[]): void {
    scopes[++depth] = scope;
    runAll(body);
    depth--;
  }

  function keeps({ section, always, inner }: KeeperInstruction): boolean {
    const items = itemsIn(section);
    if (items === undefined) return false;
    if (always) return true;
    for (let i = 0; i < items.length; i++) {
      scopes[depth + 1] = items === AS_IT_IS ? scopes[depth] : items[i];
      depth++;
      const isKept = inner.some(keeps);
      depth--;
      if (isKept) return true;
    }
    return false;
  }

  /** The items that a section writes its body for. */
  function itemsIn(section: SectionReader): readonly unknown[] | undefined {
    const items = itemsOf(read(section.tag));
    if (!section.inverted) return items;
    return items === undefined ? AS_IT_IS : undefined;
  }

  function runAll(instructions: readonly Instruction[]): void {
    for (let i = 0; i < instructions.length; i++) {
      const instruction = instructions[i] as Instruction;
      switch (instruction.kind) {
        case 'piece':
          count(instruction.units);
          sink.piece(instruction.piece);
          break;
        case 'value':
          if (instruction.encoder !== undefined) {
            writeEncoded(instruction, instruction.encoder);
          } else writeValue(instruction);
          break;
        case 'openText':
          isTextOpen = true;
          break;
        case 'closeText':
          count(instruction.units);
          if (isTextOpen) {
            isTextOpen = false;
            sink.piece(EMPTY_TEXT);
            sink.piece(instruction.rest);
          } else sink.piece(instruction.whole);
          break;
        case 'settleText':
          settleText();
          break;
        case 'pieceOnce':
          count(instruction.units);
          sink.piece(isFirst(instruction.slot) ? instruction.piece : instruction.again);
          break;
        case 'closeTextOnce':
          closeTextOnce(instruction);
          break;
        case 'once':
          writeOnce(instruction);
          break;
        case 'id':
          writeId(instruction);
          break;
        case 'sameId': {
          const id = ids[instruction.slot];
          if (id === undefined) sink.piece(instruction.piece);
          else sink.text(id);
          break;
        }
        case 'section':
          runSection(instruction);
          break;
        case 'record':
          recordedRun = instruction.restart ? instruction.text : recordedRun + instruction.text;
          break;
        case 'fill':
          if (!instruction.unless.some(keeps)) sink.piece(instruction.piece);
          break;
        case 'keep':
          if (instruction.when.some(keeps)) runAll(instruction.body);
          else drop(instruction);
          break;
      }
    }
  }

  /** What is left out was rendered by docxtemplater before. */
  function drop({ body, units: more }: Extract<Instruction, { kind: 'keep' }>): void {
    count(more);
    for (const instruction of body) {
      if (instruction.kind !== 'record') continue;
      recordedRun = instruction.restart ? instruction.text : recordedRun + instruction.text;
    }
  }

  return {
    start(row, further) {
      document = (document + 1) | 0;
      spellings = further;
      depth = 0;
      scopes.length = 1;
      scopes[0] = row;
      units = 0;
      missed = false;
      recordedRun = '';
    },
    run(instructions, to) {
      isTextOpen = false;
      depth = 0;
      sink = to;
      runAll(instructions);
      settleText();
    },
    get missed() {
      return missed;
    },
  };
}

/** Nothing ends it. */
const NO_END = -1;

/** Whether a list can be printed: it holds texts, numbers, truth values and such lists. */
const isPrintable = (list: readonly unknown[]): boolean =>
  list.every((item) =>
    Array.isArray(item) ? isPrintable(item) : typeof item !== 'object' || item === null,
  );

/** @throws Unwritable for what stock docxtemplater's engine must say */
function encodeOrLeave(encoder: Encoder, text: string): string {
  try {
    return encodeFor(encoder, text);
  } catch (error) {
    if (error instanceof UnsafeLink) throw UNWRITABLE;
    throw error;
  }
}

/** @throws Unwritable for what cannot be printed */
function textOf(value: unknown): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value) && isPrintable(value)) return String(value);
  throw UNWRITABLE;
}
