/** What a check found, in plain words: made of what was learned from all rows. */
import { append } from '../columns/append.ts';
import { asSeen } from '../columns/asSeen.ts';
import { SIGNS, unfilledEffect, unfilledHint } from '../columns/compareTask.ts';
import { quoteName, quoteTag } from '../columns/quoteName.ts';
import { clip } from '../clip.ts';
import {
  FINDING_ROWS,
  MAX_DETAIL_CHARACTERS,
  MAX_FINDINGS,
  MAX_PROFILED_COLUMNS,
  MAX_TAGS_READ_PER_ROW,
} from '../limits.ts';
import type { Finding, Severity } from '../schemas/checkApi.ts';
import type { UnfilledTag } from '../columns/fill.ts';
import type { ReadingTag } from '../tags/tagTree.ts';
import { columnFindings } from './columnFindings.ts';
import { shapeOf } from './columnProfiles.ts';
import { many, rowsOf, type CheckedOrder, type Found } from './found.ts';
import { chooseMarks, type ChosenMarks } from './report/chooseMarks.ts';
import { joined, type Tally } from './tally.ts';
import type { TagUse } from './tagUse.ts';

export interface Told extends ChosenMarks {
  readonly findings: readonly Finding[];
}

const GRAVITY: Record<Severity, number> = { error: 0, warning: 1, info: 2 };

/** All that is found, the gravest first, and by how many rows it is in. */
export function tellFindings(order: CheckedOrder): Told {
  const used = useFindings(order);
  // What a tag is told of need not be told of its column as well.
  const told = new Set(used.map(keyOf));
  const found = [
    ...tagFindings(order),
    ...used,
    ...columnFindings(order).filter((each) => !told.has(keyOf(each))),
    ...rowFindings(order),
    ...unseenFindings(order),
    ...nameFindings(order),
  ];
  const ordered = found
    .map((each, i) => ({ each, i }))
    .sort(
      (a, b) =>
        GRAVITY[a.each.severity] - GRAVITY[b.each.severity] ||
        // What is not known is not to be lost behind what is.
        Number(isPartial(b.each)) - Number(isPartial(a.each)) ||
        (b.each.at?.count ?? 0) - (a.each.at?.count ?? 0) ||
        a.i - b.i,
    )
    .map(({ each }) => each);
  const listed = ordered.slice(0, MAX_FINDINGS);
  return { findings: listed.map(asTold), ...chooseMarks(ordered) };
}

const isPartial = ({ code }: Found) => code === 'CHECK_PARTIAL';

const keyOf = ({ code, column = '' }: Found) => `${code} ${shapeOf(column)}`;

const asTold = ({ code, severity, tag, column, at, detail, suggestion }: Found): Finding => ({
  code,
  severity,
  ...(tag !== undefined && { tag }),
  ...(column !== undefined && { column }),
  count: at?.count ?? 0,
  firstRows: (at?.rows ?? []).slice(0, FINDING_ROWS),
  detail: clip(detail, MAX_DETAIL_CHARACTERS),
  ...(suggestion !== undefined && { suggestion: clip(suggestion, MAX_DETAIL_CHARACTERS) }),
});

/** Tags and columns that do not go together. */
function tagFindings(order: CheckedOrder): Found[] {
  const { compared, labels, columns, missingValue, scanned } = order;
  const found: Found[] = [];
  for (const tag of compared.unfilled) {
    const { name, template } = tag;
    const inNames = template === undefined;
    const place = inNames
      ? ' of fileName'
      : labels.length > 1
        ? ` of ${quoteName(labels[template] ?? '')}`
        : '';
    const fails = !inNames && missingValue === 'error';
    const its = inNames ? [] : (scanned.templates[template]?.uses ?? []);
    const isIts = isAmong([tag]);
    const missed = joined(its.filter((use) => isIts(use.tag)).map(({ missing }) => missing));
    const isError = fails && missed.count > 0;
    // Where documents fail, it is for a value that is to be printed.
    const kind = isError ? 'value' : tag.kind;
    const effect = inNames
      ? 'names of documents go without it'
      : fails && kind === 'value' && !isError
        ? 'no document fails for it, since none is to print it'
        : unfilledEffect(missingValue, kind);
    const hint = unfilledHint(tag).trim();
    found.push({
      code: 'TAG_UNFILLED',
      severity: isError ? 'error' : 'warning',
      tag: `${SIGNS[kind]}${name}`,
      ...(isError && { at: missed }),
      detail: `No column fills the tag ${quoteTag(name, SIGNS[kind])}${place}: ${effect}.`,
      suggestion:
        hint === ''
          ? 'Add a column of this name, or say in options.mapping which column it is.'
          : hint,
    });
  }
  for (const [name, column] of compared.matched) {
    found.push({
      code: 'TAG_MATCHED',
      severity: 'info',
      tag: name,
      column,
      detail: `The tag ${quoteTag(name)} is filled from the column ${quoteName(column)}, which is spelt otherwise.`,
      suggestion: 'If that is wrong, say in options.mapping which column it is.',
    });
  }
  for (const column of compared.unused) {
    found.push({
      code: 'COLUMN_UNUSED',
      severity: 'info',
      column,
      detail: `No tag reads the column ${quoteName(column)}.`,
    });
  }
  const alike = new Map<string, string[]>();
  for (const column of columns) append(alike, asSeen(column), column);
  for (const [first = '', second] of alike.values()) {
    if (second === undefined) continue;
    found.push({
      code: 'COLUMNS_ALIKE',
      severity: 'warning',
      column: second,
      detail: `The columns ${quoteName(first)} and ${quoteName(second)} look the same: a tag reads the one that it is spelt like, and else the first.`,
      suggestion: 'Rename one of them.',
    });
  }
  return found;
}

/** Whether a tag is one of those that no column fills, where it stands. */
function isAmong(unfilled: readonly UnfilledTag[]): (tag: ReadingTag) => boolean {
  const keyOf = (name: string, path: readonly string[]) => JSON.stringify([name, path]);
  const keys = new Set(
    unfilled.flatMap(({ places }) => places.map(({ name, path }) => keyOf(name, path))),
  );
  return ({ expression, path }) => keys.has(keyOf(expression.name, path));
}

/** What tags read in the rows. */
function useFindings({ compared, missingValue, labels, scanned }: CheckedOrder): Found[] {
  return scanned.templates.flatMap(({ uses }, i) => {
    const place = labels.length > 1 ? ` of ${quoteName(labels[i] ?? '')}` : '';
    const isUnfilled = isAmong(compared.unfilled.filter(({ template }) => template === i));
    return uses.flatMap((use) =>
      findingsOfUse(use, {
        place,
        missingValue,
        isUnfilled: isUnfilled(use.tag),
        taken: scanned.taken,
      }),
    );
  });
}

interface UsePlace {
  /** Which template, as part of a sentence. */
  readonly place: string;
  readonly missingValue: 'empty' | 'error';
  /** Whether no column fills the tag, which is told by itself. */
  readonly isUnfilled: boolean;
  /** How many rows have documents. */
  readonly taken: number;
}

/** The same tag with something that stands in for a value. */
const withDefault = ({ tag }: TagUse) => `{${tag.expression.told} | default:"–"}`;

/** The column of a finding, which is the first of those that it is met in. */
const firstColumn = ({ cells }: Tally): string | undefined => cells?.[0]?.column;

/** The columns that a finding is about, as part of a sentence. */
function columnsOf({ cells = [] }: Tally): string {
  const columns = new Set(cells.map(({ column }) => column));
  const [first = ''] = columns;
  return columns.size > 1
    ? `columns such as ${quoteName(first)}, which hold`
    : `the column ${quoteName(first)}, which holds`;
}

function findingsOfUse(use: TagUse, { place, missingValue, isUnfilled, taken }: UsePlace): Found[] {
  const { told: name } = use.tag.expression;
  const shown = quoteTag(name);
  const found: Found[] = [];
  const fails = missingValue === 'error';
  const met = (at: Tally) => ({ tag: name, column: firstColumn(at), at });
  if (fails && !isUnfilled && use.missing.count > 0) {
    found.push({
      code: 'VALUE_MISSING',
      severity: 'error',
      ...met(use.missing),
      detail: `The tag ${shown}${place} has no value in ${rowsOf(use.missing.count, taken)}, whose documents fail.`,
      suggestion: `Fill the cells in, or let something stand in for them: ${withDefault(use)}.`,
    });
  }
  const empty = fails || isUnfilled ? use.empty : use.blank;
  if (empty.count > 0) {
    found.push({
      code: 'VALUE_EMPTY',
      severity: 'warning',
      ...met(empty),
      detail: `The tag ${shown}${place} has nothing to show in ${rowsOf(empty.count, taken)}: it stays blank there.`,
      suggestion: `Fill the cells in, put the tag into a condition, or let something stand in for it: ${withDefault(use)}.`,
    });
  }
  for (const { why, tally } of use.unreadable.values()) {
    found.push({
      code: 'VALUE_UNREADABLE',
      severity: 'error',
      ...met(tally),
      detail: `The tag ${shown}${place} reads ${columnsOf(tally)} ${why.lacks} in ${rowsOf(tally.count, taken)}: their documents fail.`,
      suggestion: why.advice,
      ofCell: `The tag ${shown}${place} reads this cell, which holds ${why.lacks}: the document of this row fails.`,
    });
  }
  if (use.group.count > 0) {
    found.push({
      code: 'VALUE_GROUP',
      severity: 'error',
      ...met(use.group),
      detail: `The tag ${shown}${place} reads a group of values in ${rowsOf(use.group.count, taken)}, which cannot be printed: their documents fail.`,
      suggestion: `Name one of them, as in {${use.tag.expression.name}.name}, or open a section with {#${use.tag.expression.name}}.`,
    });
  }
  if (use.illegal.count > 0) {
    found.push({
      code: 'CHARACTERS_ILLEGAL',
      severity: 'error',
      ...met(use.illegal),
      detail: `The tag ${shown}${place} reads characters that a Word document cannot hold, such as control characters, in ${rowsOf(use.illegal.count, taken)}: their documents fail.`,
      suggestion: 'Remove them, as with CLEAN() in Excel.',
    });
  }
  if (use.metByNo.count > 0) {
    found.push({
      code: 'CONDITION_MET_BY_NO',
      severity: 'warning',
      ...met(use.metByNo),
      tag: `${SIGNS[use.tag.kind]}${name}`,
      detail: `The condition ${quoteTag(name, SIGNS[use.tag.kind])}${place} is ${use.tag.kind === 'inverted' ? 'not met' : 'met'} in ${rowsOf(use.metByNo.count, taken)} whose cell says no: to a condition any text is a yes.`,
      suggestion: 'Leave the cell empty for no, or use a true FALSE of the spreadsheet.',
    });
  }
  return found;
}

/** Whole rows. */
function rowFindings({ scanned, rowCount }: CheckedOrder): Found[] {
  const { duplicates, blank, leftOut, refused, faults, rows, comparesAll } = scanned;
  const amongCompared = comparesAll ? '' : ', among those that were compared';
  const found: Found[] = [];
  if (rows < rowCount) {
    found.push({
      code: 'CHECK_PARTIAL',
      severity: 'error',
      detail: `There was time to check ${many(rows)} of ${many(rowCount)} rows.`,
      suggestion: 'Split the table.',
    });
  }
  if (duplicates.count > 0) {
    found.push({
      code: 'ROW_DUPLICATE',
      severity: 'warning',
      at: duplicates,
      detail: `${rowsOf(duplicates.count)} ${duplicates.count === 1 ? 'is' : 'are'} the same as an earlier one in every column${amongCompared}.`,
      suggestion: 'Delete what was pasted twice; each makes a document of its own.',
    });
  }
  if (blank.count > 0) {
    found.push({
      code: 'ROW_BLANK',
      severity: 'info',
      at: blank,
      detail: `${rowsOf(blank.count)} ${blank.count === 1 ? 'is' : 'are'} blank, and skipped.`,
    });
  }
  if (leftOut.count > 0) {
    found.push({
      code: 'ROW_LEFT_OUT',
      severity: 'info',
      at: leftOut,
      detail: `${rowsOf(leftOut.count, rowCount)} ${leftOut.count === 1 || leftOut.count === rowCount ? 'is' : 'are'} left out by options.rows, filter or groupBy.`,
    });
  }
  for (const [code, { tally, detail }] of refused) {
    const isGroup = code === 'TOO_LARGE';
    found.push({
      code: isGroup ? 'GROUP_TOO_LARGE' : 'FILTER_UNDECIDED',
      severity: 'error',
      at: tally,
      detail: `${isGroup ? 'Groups are too large' : 'The filter cannot be decided'} for ${rowsOf(tally.count, rowCount)}: their documents fail.`,
      suggestion: detail,
    });
  }
  for (const { column, tally, detail, isRead } of faults) {
    found.push({
      code: 'CELL_FAULTY',
      severity: isRead ? 'error' : 'warning',
      column,
      at: tally,
      detail: `${column === undefined ? 'Further columns have' : `The column ${quoteName(column)} has`} cells that could not be read, in ${rowsOf(tally.count)}${isRead ? ': their documents fail' : '; no document reads them'}. The first: ${detail}`,
    });
  }
  return found;
}

/** What was not looked at, although there was time. */
function unseenFindings({ scanned, rowCount }: CheckedOrder): Found[] {
  const { cut, comparesAll, names, profilesAll } = scanned;
  const found: Found[] = [];
  const tell = (detail: string, more: Partial<Found> = {}) =>
    void found.push({ code: 'CHECK_PARTIAL', severity: 'warning', detail, ...more });
  if (cut.count > 0) {
    tell(
      `Of ${rowsOf(cut.count, rowCount)} only the first ${many(MAX_TAGS_READ_PER_ROW)} tags were checked: so often their lists repeat what is in them.`,
      { at: cut, suggestion: 'Look at the end of the documents of these rows yourself.' },
    );
  }
  const compared = [
    ...(comparesAll ? [] : ['come again']),
    ...(names.comparesAll ? [] : ['give the same file name']),
  ];
  if (compared.length > 0) {
    tell(
      `Not all of ${many(rowCount)} rows were compared with each other: more of them may ${compared.join(' or ')}.`,
    );
  }
  if (!profilesAll) {
    tell(
      `The values of the first ${many(MAX_PROFILED_COLUMNS)} columns were looked at by themselves, for lost zeros and the like; those of the others only where tags read them.`,
    );
  }
  return found;
}

/** Names of documents. */
function nameFindings({ scanned }: CheckedOrder): Found[] {
  const { names, taken } = scanned;
  const found: Found[] = [];
  for (const { tally, detail } of names.nameless.values()) {
    found.push({
      code: 'NAME_INVALID',
      severity: 'error',
      column: firstColumn(tally),
      at: tally,
      detail: `${rowsOf(tally.count, taken)} ${tally.count === 1 ? 'gives' : 'give'} no file name. ${detail}`,
    });
  }
  if (names.alike.count > 0) {
    found.push({
      code: 'NAMES_ALIKE',
      severity: 'warning',
      at: names.alike,
      detail: `Documents of ${rowsOf(names.alike.count, taken)} would have the name of an earlier one; the number of the row behind the name tells them apart.`,
      suggestion: 'Add a column to fileName that differs, such as a number.',
    });
  }
  if (names.changed.count > 0) {
    found.push({
      code: 'NAME_CHANGED',
      severity: 'warning',
      at: names.changed,
      detail: `File names of ${rowsOf(names.changed.count, taken)} have characters that not every system takes, such as / \\ : * ? " < > | or invisible ones; they are replaced or left out.`,
    });
  }
  if (names.cut.count > 0) {
    found.push({
      code: 'NAME_CUT',
      severity: 'warning',
      at: names.cut,
      detail: `File names of ${rowsOf(names.cut.count, taken)} are too long, and are shortened.`,
      suggestion: 'Make fileName of shorter columns.',
    });
  }
  return found;
}
