/** Paragraphs and tables, one below the other (ECMA-376 part 1, 17.3 and 17.4). */
import { drawRuns, type Line } from './drawRuns.ts';
import { drawTable } from './drawTable.ts';
import { make, type Drawing } from './drawing.ts';
import { dressParagraph, dressRun, gapsOf, indentOf, pt, put, type Gaps } from './looks.ts';
import type { ListMark } from './numbering.ts';
import { propertiesOf } from './styles.ts';
import { stopsOf } from './tabs.ts';
import { attribute, child, numberOf, valueOf, type XmlNode } from './xmlTree.ts';

/** What holds further blocks, and is nothing to see itself. */
const AROUND: ReadonlySet<string> = new Set(['sdtContent', 'ins', 'moveTo', 'customXml', 'Choice']);

/** @param into a page, a cell, a header: where it is put, unless a page is broken meanwhile */
export function drawBlocks(
  blocks: readonly XmlNode[],
  into: HTMLElement,
  drawing: Drawing,
): HTMLElement {
  let place = into;
  let before: Drawn | undefined;
  for (const block of blocks) {
    if (block.name === 'p') {
      const drawn = drawParagraph(block, place, drawing, before);
      place = drawn.place;
      before = drawn;
    } else if (block.name === 'tbl') {
      place.append(drawTable(block, drawing, drawBlocks));
      before = undefined;
    } else if (block.name === 'sdt') {
      place = drawBlocks(child(block, 'sdtContent')?.children ?? [], place, drawing);
    } else if (block.name === 'AlternateContent') {
      place = drawBlocks(child(block, 'Choice')?.children ?? [], place, drawing);
    } else if (AROUND.has(block.name)) place = drawBlocks(block.children, place, drawing);
  }
  return place;
}

/** What the paragraph behind has to know. */
interface Drawn {
  readonly place: HTMLElement;
  readonly style: string | undefined;
  readonly gaps: Gaps;
  readonly isClose: boolean;
  readonly element: HTMLElement;
}

function drawParagraph(
  node: XmlNode,
  into: HTMLElement,
  drawing: Drawing,
  before: Drawn | undefined,
): Drawn {
  const { styles, numbering } = drawing;
  const own = child(node, 'pPr');
  const style = valueOf(own, 'pStyle');
  const chain = styles.chain('paragraph', style);
  const ofStyles = chain.map((one) => child(one, 'pPr'));
  const ofTables = drawing.tableStyles.map((one) => child(one, 'pPr'));
  const said = propertiesOf([own, ...ofStyles]);

  const numId = valueOf(said.get('numPr'), 'numId');
  const level = numberOf(
    valueOf(child(own, 'numPr'), 'ilvl') ?? valueOf(said.get('numPr'), 'ilvl') ?? '0',
  );
  const mark = numId === undefined || numId === '0' ? undefined : numbering.next(numId, level ?? 0);
  // A list's own distances give way to what the paragraph says, and to nothing else.
  const paragraph = propertiesOf([
    own,
    child(mark?.level, 'pPr'),
    ...ofStyles,
    ...ofTables,
    styles.defaultParagraph,
  ]);
  const paragraphRun = [
    ...chain.map((one) => child(one, 'rPr')),
    ...drawing.tableStyles.map((one) => child(one, 'rPr')),
    styles.defaultRun,
  ];

  const stops = stopsOf([own, child(mark?.level, 'pPr'), ...ofStyles]);

  let place = into;
  if (paragraph.isOn('pageBreakBefore') && drawing.breakPage && into.childElementCount > 0) {
    place = drawing.breakPage();
  }
  const gaps = gapsOf(paragraph);
  const isClose = paragraph.isOn('contextualSpacing');
  const start = () => {
    const element = make('p');
    dressParagraph(element, paragraph);
    // How high an empty line is, and the line that all others stand on.
    dressRun(element, propertiesOf(paragraphRun), styles);
    if (stops.length > 0) drawing.stops.set(element, stops);
    place.append(element);
    return element;
  };
  const element = start();
  const isSame = before !== undefined && before.style === style;
  put(element, 'marginBlockStart', pt(isSame && isClose ? 0 : gaps.before));
  put(element, 'marginBlockEnd', pt(gaps.after));
  if (isSame && before.isClose) put(before.element, 'marginBlockEnd', '0');
  const outline = numberOf(paragraph.value('outlineLvl'));
  if (outline !== undefined && outline >= 0 && outline < 9) {
    element.setAttribute('role', 'heading');
    element.setAttribute('aria-level', String(outline + 2));
  }

  if (mark) drawMark(mark, element, drawing, paragraphRun, indentOf(paragraph).first);
  const line: Line = {
    drawing,
    into: element,
    paragraphRun,
    fields: [],
    drawBlocks,
    again() {
      if (!drawing.breakPage) return undefined;
      place = drawing.breakPage();
      const next = start();
      put(next, 'textIndent', '0');
      return next;
    },
  };
  drawRuns(node.children, line);
  return { place, style, gaps, isClose, element };
}

function drawMark(
  { text, level }: ListMark,
  into: HTMLElement,
  drawing: Drawing,
  paragraphRun: readonly (XmlNode | undefined)[],
  first: number,
): void {
  const mark = make('span', 'doc-mark');
  const own = child(level, 'rPr');
  dressRun(mark, propertiesOf([own, ...paragraphRun]), drawing.styles);
  // Bullets are written by fonts of signs; theirs are ordinary ones here.
  if (attribute(child(level, 'numFmt'), 'val') === 'bullet')
    mark.style.removeProperty('font-family');
  mark.textContent = text;
  const behind = valueOf(level, 'suff');
  if (behind === 'space') mark.textContent += ' ';
  else if (behind !== 'nothing') {
    put(mark, 'minWidth', pt(first < 0 ? -first : 18));
  }
  into.append(mark);
}
