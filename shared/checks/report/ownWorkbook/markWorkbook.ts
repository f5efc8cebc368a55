/**
 * The workbook that the rows were read from, with cells marked: of its parts only those that name marks are
 * written anew, and all others are copied as they are compressed.
 */
import { completeReading } from '../../../dataSources/reading.ts';
import { SourceFault } from '../../../dataSources/sourceFault.ts';
import { openPackage } from '../../../dataSources/xlsx/package.ts';
import type { Sheet } from '../../../dataSources/xlsx/workbook.ts';
import { MAX_MARKED_BYTES, MAX_MARKED_SHEET_BYTES, MAX_OTHER_COMMENTS } from '../../../limits.ts';
import type { DataSourceItem } from '../../../schemas/items.ts';
import type { ByteSink } from '../../../zip/deflatedEntries.ts';
import { quoteSheetName } from '../../../workbooks/sheetNames.ts';
import type { RangedFile } from '../../../zip/rangedZip.ts';
import { CHECK_SHEET, checkLines } from '../findingsSheet.ts';
import { commentOf, type CellMark, type MarkedCell, type ReportFinding } from '../marks.ts';
import type { Locate } from '../groupedPlaces.ts';
import {
  changeStyles,
  changeWorkbook,
  createChanges,
  folderOf,
  NotChangeable,
  requireUsualEntries,
  writeChanged,
  type PartEdit,
} from './changedPackage.ts';
import { addComments, conversationsOf } from './comments.ts';
import { checkSheetPart } from './checkSheetPart.ts';
import { addNoteBoxes } from './notesDrawing.ts';
import {
  addContentType,
  addRelationship,
  addSheet,
  dialectOf,
  freePart,
  namespaceOf,
  relatedParts,
  removeSignature,
  type ChangingParts,
  type Dialect,
} from './packageParts.ts';
import { isUtf8, placeMarks, referenceOf, type MarkedSheet, type SheetCell } from './placeMarks.ts';
import { markSheet } from './sheetMarks.ts';
import { addStyles } from './styleSheet.ts';

/** What is marked, and told. */
export interface WorkbookMarks {
  readonly marks: readonly CellMark[];
  readonly findings: readonly ReportFinding[];
  readonly markedAll: boolean;
  /** How many are not, where that is known. */
  readonly unmarked?: number | undefined;
  /** Where what is told of findings stands. */
  readonly locate: Locate;
}

const TYPES = {
  sheet: 'application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml',
  comments: 'application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml',
  drawing: 'application/vnd.openxmlformats-officedocument.vmlDrawing',
} as const;

const MANY_COMMENTS =
  'The sheet has so many comments, or such, that none could be added: what is wrong with its marked cells stands below.';
const CONVERSATIONS =
  'Cells that have a conversation keep it as it is: what is wrong with them stands below.';
const NO_SIGNATURE =
  'The digital signature was left out: it was that of the workbook without marks.';

/**
 * @param file the workbook as it was uploaded
 * @param source how its rows were read
 * @throws NotChangeable; what the file and the sink throw
 */
export async function markWorkbook(
  file: RangedFile,
  source: Pick<DataSourceItem, 'fileName' | 'reading' | 'rowCount' | 'found'>,
  marked: WorkbookMarks,
  to: ByteSink,
): Promise<void> {
  await changeWorkbook(() => mark(file, source, marked, to));
}

async function mark(
  file: RangedFile,
  source: Pick<DataSourceItem, 'fileName' | 'reading' | 'rowCount' | 'found'>,
  { marks, findings, markedAll, unmarked, locate }: WorkbookMarks,
  to: ByteSink,
) {
  if (file.bytes > MAX_MARKED_BYTES) throw new NotChangeable('it is too large');
  const parts = await openPackage(file);
  requireUsualEntries(parts);
  const rows = findings.flatMap(({ firstRows, column }) =>
    firstRows.map((row) => locate(row, column).row),
  );
  const reading = completeReading(source.fileName, source.reading ?? {});
  const hasLists = source.found?.lists !== undefined;
  const placed = await placeMarks(parts, reading, { marks, rows, hasLists });
  const { workbook, unplaced } = placed;
  const { sheet, outline } = placed.rows;
  if (source.rowCount !== undefined && !hasRows(placed.rowCount, source.rowCount, source.found))
    throw new NotChangeable('it has other rows than were checked');
  if (parts.bytesOf(sheet.part) > MAX_MARKED_SHEET_BYTES)
    throw new NotChangeable('it is too large');
  if (!(await isUtf8(parts, sheet.part)))
    throw new NotChangeable('its sheet is in another encoding than UTF-8');

  const changing = createChanges(parts);
  const dialect = dialectOf(
    namespaceOf(/^<([^\s<>/]+)/.exec(outline.root)?.[1] ?? '', outline.root),
  );
  const notes: string[] = [];
  const styles = await changeStyles(changing, workbook, dialect, addStyles);
  const sheets = [placed.rows, ...placed.lists];
  const edits = new Map<string, readonly PartEdit[]>();
  const without: MarkedCell<string>[] = [];
  const nameOf = (its: Sheet, cell: string) => (its === sheet ? cell : `${its.name}!${cell}`);
  for (const marked of sheets) {
    const commented = await comment(changing, marked, workbook.part, dialect);
    notes.push(...commented.notes.filter((note) => !notes.includes(note)));
    without.push(
      ...commented.without.map((cell) => ({
        ...cell,
        place: nameOf(marked.sheet, referenceOf(cell.place)),
      })),
    );
    edits.set(
      marked.sheet.part,
      markSheet(marked.outline, marked.cells, styles.marks, commented.drawing),
    );
  }
  if (await removeSignature(changing, parts.names)) notes.push(NO_SIGNATURE);

  const lines = checkLines({
    findings,
    marked: sheets.map((marked) => ({ sheet: marked.sheet.name, cells: marked.cells.length })),
    markedAll,
    unmarked,
    notes,
    placeOf(row, column) {
      const at = locate(row, column);
      const place = placed.placeOf(at.row, at.column);
      if (!place) return undefined;
      const cell = referenceOf({ row: place.row, column: place.column ?? 0 });
      return {
        told:
          place.column === undefined ? `row ${place.row} of the sheet` : nameOf(place.sheet, cell),
        target: `${quoteSheetName(place.sheet.name)}!${cell}`,
      };
    },
    withoutComment: [
      ...without,
      ...unplaced.map(({ row, column, severity, text }) => ({
        place: `row ${row}, column ${column}`,
        severity,
        texts: [text],
      })),
    ],
  });
  await addCheckSheet(changing, workbook.part, dialect, (namespace) =>
    checkSheetPart(lines, { namespace, styles: styles.lines }),
  );
  await writeChanged(parts, changing, edits, to);
}

/** Whether these are the rows that were read. Those at the end that hold but keys of lists are none of them. */
export const hasRows = (placed: number, read: number, found: DataSourceItem['found']) =>
  found?.lists ? placed >= read : placed === read;

interface Commented {
  /** The relationship to a drawing that is new. */
  readonly drawing: { readonly id: string; readonly namespace: string } | undefined;
  readonly without: readonly MarkedCell<SheetCell>[];
  readonly notes: readonly string[];
}

/** Adds a comment to each cell that can have one. */
async function comment(
  parts: ChangingParts,
  { sheet, outline, cells }: MarkedSheet,
  workbookPart: string,
  { main, relationships }: Dialect,
): Promise<Commented> {
  if (cells.length === 0) return { drawing: undefined, without: [], notes: [] };
  const related = await relatedParts(parts, sheet.part);
  const partOf = (type: string) => related.find((each) => each.type.endsWith(`/${type}`))?.part;
  const commentsPart = partOf('comments');
  const drawingPart = outline.drawing && related.find(({ id }) => id === outline.drawing?.id)?.part;
  const threads = related.filter(({ type }) => type.endsWith('/threadedComment'));
  const nothing: Commented = { drawing: undefined, without: cells, notes: [MANY_COMMENTS] };

  const texts = await readAll(parts, [
    commentsPart,
    drawingPart,
    ...threads.map(({ part }) => part),
  ]);
  if (!texts) return nothing;
  const [comments, drawing, ...conversations] = texts;
  const talkedOf = new Set(conversations.flatMap((text) => [...conversationsOf(text ?? '')]));
  const hasConversation = ({ place }: MarkedCell<SheetCell>) => talkedOf.has(referenceOf(place));
  const own = cells
    .filter((cell) => !hasConversation(cell))
    .map((cell) => ({ ...cell.place, reference: referenceOf(cell.place), text: commentOf(cell) }));
  const added = addComments(comments, main, own);
  if (added.before.size > MAX_OTHER_COMMENTS) return nothing;
  // Comments that had no drawing need a box too, now that there is one.
  const others =
    drawing === undefined
      ? [...added.before]
          .flatMap((reference) => cellOf(reference) ?? [])
          .map((cell) => ({ ...cell, text: '' }))
      : [];
  const boxes = [...others, ...own.filter(({ reference }) => !added.before.has(reference))];
  const boxed = addNoteBoxes(drawing, boxes);
  if (boxed === undefined) return nothing;

  const folder = folderOf(workbookPart);
  const set = async (
    given: string | undefined,
    before: string,
    after: string,
    type: string,
    text: string,
  ) => {
    const part = given ?? freePart(parts, before, after);
    parts.set(part, text);
    await addContentType(parts, part, type);
    return part;
  };
  const notesPart = await set(
    commentsPart,
    `${folder}comments`,
    '.xml',
    TYPES.comments,
    added.text,
  );
  if (commentsPart === undefined)
    await addRelationship(parts, sheet.part, `${relationships}/comments`, notesPart);
  const boxesPart = await set(
    drawingPart,
    `${folder}drawings/vmlDrawing`,
    '.vml',
    TYPES.drawing,
    boxed,
  );
  const id =
    drawingPart === undefined
      ? await addRelationship(parts, sheet.part, `${relationships}/vmlDrawing`, boxesPart)
      : undefined;
  const without = cells.filter(hasConversation);
  return {
    drawing: id === undefined ? undefined : { id, namespace: relationships },
    without,
    notes: without.length > 0 ? [CONVERSATIONS] : [],
  };
}

/** Texts of parts; undefined when one of them is too large to be read as a whole, or damaged. */
async function readAll(
  parts: ChangingParts,
  names: readonly (string | undefined)[],
): Promise<(string | undefined)[] | undefined> {
  try {
    const texts: (string | undefined)[] = [];
    for (const name of names) texts.push(name === undefined ? undefined : await parts.text(name));
    return texts;
  } catch (error) {
    if (error instanceof SourceFault) return undefined;
    throw error;
  }
}

function cellOf(reference: string): SheetCell | undefined {
  const [, letters = '', digits] = /^([A-Z]{1,3})(\d{1,7})$/.exec(reference) ?? [];
  if (digits === undefined) return undefined;
  const column = [...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 0x40, 0);
  return { row: Number(digits), column: column - 1 };
}

async function addCheckSheet(
  parts: ChangingParts,
  workbookPart: string,
  dialect: Dialect,
  make: (namespace: string) => string,
) {
  const part = freePart(parts, `${folderOf(workbookPart)}worksheets/sheet`, '.xml');
  parts.set(part, make(dialect.main));
  await addContentType(parts, part, TYPES.sheet);
  const type = `${dialect.relationships}/worksheet`;
  const id = await addRelationship(parts, workbookPart, type, part);
  const { text } = addSheet(await parts.text(workbookPart), dialect, CHECK_SHEET, id);
  parts.set(workbookPart, text);
}
