/**
 * Where in a worksheet part further elements have their place, found while its cells are read: as offsets, in
 * bytes, since the part may be too large to be a text.
 */
import { findAttribute, type XmlSink } from '../../../office/xmlBytes.ts';
import { MAX_OTHER_RULES } from '../../../limits.ts';

/** A stretch of the part. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

export interface SheetOutline {
  /** The root's start tag as it is written. */
  readonly root: string;
  /** Where a conditional format, and where a drawing of comments may be put in. */
  readonly formatsAt: number;
  readonly drawingAt: number;
  /** The id of the relationship to the drawing of comments, with its place. */
  readonly drawing: (Stretch & { readonly id: string }) | undefined;
  /** Priorities of the conditional formats; undefined when they are too many. */
  readonly priorities: readonly (Stretch & { readonly value: number })[] | undefined;
  /** The largest of them. */
  readonly lastPriority: number;
}

/** A sink that hands on what it is told, and notes places. */
export interface OutlineSink extends XmlSink {
  /** @throws Error before the root has ended */
  outline(): SheetOutline;
}

/** Children of a worksheet in their order (ECMA-376 part 1, 18.3.1.99). */
export const WORKSHEET_ORDER: readonly string[] = [
  'sheetPr',
  'dimension',
  'sheetViews',
  'sheetFormatPr',
  'cols',
  'sheetData',
  'sheetCalcPr',
  'sheetProtection',
  'protectedRanges',
  'scenarios',
  'autoFilter',
  'sortState',
  'dataConsolidate',
  'customSheetViews',
  'mergeCells',
  'phoneticPr',
  'conditionalFormatting',
  'dataValidations',
  'hyperlinks',
  'printOptions',
  'pageMargins',
  'pageSetup',
  'headerFooter',
  'rowBreaks',
  'colBreaks',
  'customProperties',
  'cellWatches',
  'ignoredErrors',
  'smartTags',
  'drawing',
  'legacyDrawing',
  'legacyDrawingHF',
  'drawingHF',
  'picture',
  'oleObjects',
  'controls',
  'webPublishItems',
  'tableParts',
  'extLst',
];
const RANKS = new Map(WORKSHEET_ORDER.map((name, rank) => [name, rank]));
const FORMATS_RANK = RANKS.get('conditionalFormatting') ?? 0;
const DRAWING_RANK = RANKS.get('legacyDrawing') ?? 0;
/** Names of children have 21 letters at the most. */
const LONGEST_NAME = 32;

const LESS = 0x3c;
const GREATER = 0x3e;
const RULE = Buffer.from('cfRule');
const PRIORITY = Buffer.from('priority');

/** @param inner whoever reads the cells */
export function createSheetOutline(inner: XmlSink): OutlineSink {
  let depth = 0;
  let root: string | undefined;
  let isOver = false;
  let formatsAt = 0;
  let drawingAt = 0;
  /** Of the child that is open. */
  let rank = -1;
  let drawing: SheetOutline['drawing'];
  let priorities: (Stretch & { value: number })[] | undefined = [];
  let lastPriority = 0;
  const found = { start: 0, end: 0 };
  const base = () => sink.base ?? 0;

  /** The child, whose rank is known, has ended. */
  function endChild(end: number) {
    if (rank < 0) return;
    if (rank <= FORMATS_RANK) formatsAt = end;
    if (rank <= DRAWING_RANK) drawingAt = end;
  }

  const nameAt = (xml: Buffer, name: number, nameEnd: number) =>
    nameEnd - name > LONGEST_NAME ? '' : xml.toString('latin1', name, nameEnd);

  function takeDrawing(xml: Buffer, nameEnd: number, end: number) {
    const attributes = xml.toString('latin1', nameEnd, end);
    const match = /\s(?:[^\s=:]+:)id\s*=\s*(?:"([^"]*)"|'([^']*)')/.exec(attributes);
    if (!match) return;
    const id = match[1] ?? match[2] ?? '';
    const behind = base() + nameEnd + match.index + match[0].length - 1;
    drawing = { id, start: behind - id.length, end: behind };
  }

  function takeRule(xml: Buffer, nameEnd: number, end: number) {
    if (!findAttribute(xml, nameEnd, end, PRIORITY, found)) return;
    const value = Number(xml.toString('latin1', found.start, found.end));
    if (!Number.isSafeInteger(value)) return;
    lastPriority = Math.max(lastPriority, value);
    if (priorities?.length === MAX_OTHER_RULES) priorities = undefined;
    priorities?.push({ start: base() + found.start, end: base() + found.end, value });
  }

  const sink: OutlineSink = {
    get full() {
      return inner.full;
    },
    set full(isFull) {
      inner.full = isFull;
    },
    // Cells are taken as wholes: what is open before one is open behind it.
    takeWhole: (xml, at, limit) => inner.takeWhole?.(xml, at, limit) ?? -1,
    open(xml, name, nameEnd, end, isEmpty) {
      if (depth === 0) {
        const start = xml.lastIndexOf(LESS, name);
        root = xml.toString('utf8', start, end + 1);
        isOver = isEmpty;
      } else if (depth === 1) {
        rank = RANKS.get(nameAt(xml, name, nameEnd)) ?? -1;
        if (rank === DRAWING_RANK) takeDrawing(xml, nameEnd, end);
        if (isEmpty) endChild(base() + end + 2);
      } else if (rank < 0) {
        // What stands in its place when a choice is offered (ECMA-376 part 3, 9.3).
        rank = RANKS.get(nameAt(xml, name, nameEnd)) ?? -1;
      } else if (
        nameEnd - name === RULE.length &&
        xml.compare(RULE, 0, RULE.length, name, nameEnd) === 0
      ) {
        takeRule(xml, nameEnd, end);
      }
      if (!isEmpty) depth++;
      inner.open(xml, name, nameEnd, end, isEmpty);
    },
    close(xml, name, nameEnd) {
      depth--;
      if (depth === 1) endChild(base() + xml.indexOf(GREATER, nameEnd) + 1);
      if (depth === 0) isOver = true;
      inner.close(xml, name, nameEnd);
    },
    text: (xml, start, end, isPlain) => inner.text(xml, start, end, isPlain),
    outline() {
      if (root === undefined || !isOver || formatsAt === 0)
        throw new Error('The sheet has no place for marks.');
      return { root, formatsAt, drawingAt, drawing, priorities, lastPriority };
    },
  };
  return sink;
}
