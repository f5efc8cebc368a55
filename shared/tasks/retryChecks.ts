/** What a call for a retry asks for, checked before anything is written. */
import { compareTask, type ComparedNames } from '../columns/compareTask.ts';
import {
  correctionOf,
  encodeCorrections,
  joinCorrections,
  readCorrections,
  type Correction,
  type Corrections,
} from '../dataSources/corrections.ts';
import { requireReadyDataSource } from '../dataSources/dataSources.ts';
import { isBlankRow, readIndex } from '../dataSources/rows.ts';
import { readRowsAt } from '../dataSources/rowsAt.ts';
import { findRowFault } from '../dataSources/rowShape.ts';
import { objectKeys } from '../keys.ts';
import {
  MAX_CORRECTED_ROWS,
  MAX_CORRECTIONS,
  MAX_CORRECTIONS_BYTES,
  MAX_RETRIED_ROWS,
  MAX_RETRIES_PER_TASK,
} from '../limits.ts';
import type { Ports } from '../ports.ts';
import { Problem, type ProblemDetail } from '../problems.ts';
import { columnsOfNames } from '../rendering/documentNames.ts';
import type { TaskItem, TemplateItem } from '../schemas/items.ts';
import type { RetryTask } from '../schemas/taskApi.ts';
import { joinSpans, rowsIn, type RowSpan } from '../selection/spans.ts';
import type { RetryRequest } from '../shards/retryRequest.ts';
import { requireReadyTemplate } from '../templates/templates.ts';
import { columnsOfTask, createColumnCheck, type TaskColumns } from './retryColumns.ts';
import { noSuchRow, parseRowSpans } from '../selection/rowSpans.ts';
import { requireMapping } from '../orders/requireMapping.ts';
import { tagsRead } from '../tags/compileFormats.ts';
import { orderedTemplate } from '../orders/orderedTemplate.ts';
import { stepReaders, withStepColumns } from '../orders/orderedSteps.ts';

type CheckPorts = Pick<Ports, 'table' | 'objects'>;

/** Faults that are listed; a call may have thousands. */
const LISTED_FAULTS = 20;

const number = (n: number) => n.toLocaleString('en-US');

const invalid = (errors: readonly ProblemDetail[]) =>
  new Problem('VALIDATION_ERROR', errors[0]?.detail ?? '', {
    errors: errors.slice(0, LISTED_FAULTS),
  });

const fault = (pointer: string, detail: string) => invalid([{ pointer, detail }]);

/** What a retry changes of its task, and what is to be written before. */
export interface CheckedRetry {
  readonly request: Omit<RetryRequest, 'call'>;
  readonly changes: Partial<Pick<TaskItem, ReplacedField>>;
  readonly replacesRows: boolean;
  /** Every correction that counts from now on; undefined where they stay what they were. */
  readonly corrections: Uint8Array | undefined;
  /** Of other templates or rows, or by another mapping. */
  readonly compared: ComparedNames | undefined;
}
type ReplacedField = 'templates' | 'dataSourceId' | 'rowsKey' | 'indexKey' | 'options';

/** Templates in the places of those that the task has. Documents keep their labels, by which they are known. */
async function replacedTemplates(
  ports: CheckPorts,
  task: TaskItem,
  templateIds: readonly string[],
): Promise<TemplateItem[]> {
  const { length } = task.templates;
  if (templateIds.length !== length) {
    const templates = length === 1 ? 'template' : 'templates';
    throw fault(
      '/templateIds',
      `The task has ${length} ${templates}, and ${templateIds.length} are named. Name one for each, in their order; those that stay, too.`,
    );
  }
  return Promise.all(
    templateIds.map((templateId) => requireReadyTemplate(ports, task.ownerId, templateId)),
  );
}

/** Rows in place of those that the task has. */
async function replacedRows(ports: CheckPorts, task: TaskItem, dataSourceId: string) {
  const source = await requireReadyDataSource(ports, task.ownerId, dataSourceId);
  const rowCount = source.rowCount ?? 0;
  if (rowCount !== task.rowCount) {
    throw new Problem(
      'DATA_INVALID',
      `The data source has ${number(rowCount)} rows, and the task ${number(task.rowCount)}: each row takes the place of the one with its number. Upload one with as many rows, or make a new task.`,
    );
  }
  return {
    dataSourceId,
    rowsKey: objectKeys.sourceRows(dataSourceId),
    indexKey: objectKeys.sourceIndex(dataSourceId),
  };
}

/** Compares the names of tags and columns anew. */
async function compared(
  ports: CheckPorts,
  task: TaskItem,
  templates: readonly TemplateItem[] | undefined,
  columns: TaskColumns,
): Promise<ComparedNames> {
  const items =
    templates ??
    (await Promise.all(
      task.templates.map(({ templateId }) => requireReadyTemplate(ports, task.ownerId, templateId)),
    ));
  return compareTask({
    templates: [
      ...items.map(({ tags = [] }, i) => ({
        label: task.templates[i]?.label ?? '',
        tags: tagsRead(tags),
      })),
      ...stepReaders(task.steps),
    ],
    fileNameTags: columnsOfNames(task.fileName),
    columns: withStepColumns(columns.all, task.steps),
    missingValue: task.options.missingValue,
    mapping: task.options.mapping,
  });
}

/** Checks corrections by themselves, and against the columns of the rows. */
function checkCorrections(
  task: TaskItem,
  corrections: RetryTask['corrections'],
  columns: TaskColumns,
): Correction[] {
  const faults: ProblemDetail[] = [];
  const seen = new Set<number>();
  const faultOf = createColumnCheck(columns);
  const checked = corrections.map(({ row, values }, i) => {
    const tell = (at: string, detail: string | undefined) => {
      if (detail === undefined) return;
      faults.push({ pointer: `/corrections/${i}/${at}`, detail });
    };
    tell('row', noSuchRow(row, task.rowCount));
    if (seen.has(row)) tell('row', `Row ${row} is corrected twice. Put its values together.`);
    seen.add(row);
    const shape = findRowFault(values);
    tell('values', shape && `The correction of row ${row} ${shape.detail}`);
    const names = Object.keys(values);
    if (names.length === 0) tell('values', `Row ${row} is given no value. Name its columns.`);
    for (const name of names) tell('values', faultOf(name));
    return correctionOf(row, values, columns.own);
  });
  if (faults.length > 0) throw invalid(faults);
  return checked;
}

/** Corrections of a group are those of its first row. @throws Problem VALIDATION_ERROR */
async function requireGroups(
  ports: CheckPorts,
  task: TaskItem,
  corrections: readonly Correction[],
): Promise<void> {
  const rows = corrections.map(({ row }) => row);
  const ascending = rows.toSorted((a, b) => a - b);
  const faults: ProblemDetail[] = [];
  const index = await readIndex(ports, task.indexKey);
  for await (const { row, values } of readRowsAt(ports, task, index, ascending)) {
    if (!isBlankRow(values)) continue;
    faults.push({
      pointer: `/corrections/${rows.indexOf(row)}/row`,
      detail: `Row ${row} begins no group. Correct its values where the group begins, such as rows[2].price of that row.`,
    });
  }
  if (faults.length > 0) throw invalid(faults);
}

/** The corrections before with those of this call over them. */
async function joinedCorrections(
  ports: CheckPorts,
  task: TaskItem,
  checked: readonly Correction[],
  replacesRows: boolean,
): Promise<Uint8Array | undefined> {
  if (checked.length === 0) return undefined;
  const { taskId, correctedBy } = task;
  const before: Corrections =
    correctedBy === undefined || replacesRows
      ? new Map()
      : await readCorrections(ports, objectKeys.corrections(taskId, correctedBy));
  const all = new Map(before);
  for (const each of checked) all.set(each.row, joinCorrections(all.get(each.row), each));
  const bytes = encodeCorrections(all);
  if (all.size > MAX_CORRECTED_ROWS || bytes.length > MAX_CORRECTIONS_BYTES) {
    throw new Problem(
      'LIMIT_EXCEEDED',
      `With these, ${number(all.size)} rows of the task would be corrected, in ${number(bytes.length)} bytes; a task keeps corrections of ${number(MAX_CORRECTED_ROWS)} rows in ${number(MAX_CORRECTIONS_BYTES)} bytes. Upload the corrected table and retry with its dataSourceId.`,
    );
  }
  return bytes;
}

/** The rows that are asked for: those that are corrected are made anew, too. */
function requestOf(task: TaskItem, body: RetryTask): CheckedRetry['request'] {
  const corrected = body.corrections.map(({ row }): RowSpan => [row, row]);
  if (body.rows === 'failed') return { failed: true, spans: joinSpans(corrected) };
  const parsed = parseRowSpans(body.rows, task.rowCount);
  if ('fault' in parsed) throw fault('/rows', parsed.fault);
  return { failed: false, spans: joinSpans([...parsed.spans, ...corrected]) };
}

function checkLimits(task: TaskItem, { failed, spans }: CheckedRetry['request']) {
  if ((task.retries?.length ?? 0) >= MAX_RETRIES_PER_TASK) {
    throw new Problem(
      'LIMIT_EXCEEDED',
      `The task was retried ${MAX_RETRIES_PER_TASK} times, which is as often as a task can be. Make a new task with the rows that are left.`,
    );
  }
  const rows = rowsIn(spans) + (failed ? Math.min(task.failed, task.rowCount) : 0);
  if (rows <= MAX_RETRIED_ROWS) return;
  throw new Problem(
    'DATA_INVALID',
    `${number(rows)} rows would be made anew; a retry takes at most ${number(MAX_RETRIED_ROWS)}. Name fewer of them, such as "1-${MAX_RETRIED_ROWS}", or make a new task.`,
  );
}

/**
 * Checks all that a call asks for.
 * @throws Problem VALIDATION_ERROR, INVALID_STATE, DATA_INVALID, LIMIT_EXCEEDED, TEMPLATE_NOT_FOUND,
 *   TEMPLATE_INVALID, DATA_SOURCE_NOT_FOUND
 */
export async function checkRetry(
  ports: CheckPorts,
  task: TaskItem,
  body: RetryTask,
): Promise<CheckedRetry> {
  if (body.corrections.length > MAX_CORRECTIONS) {
    throw fault(
      '/corrections',
      `${number(body.corrections.length)} rows are corrected; one call corrects at most ${number(MAX_CORRECTIONS)}. Upload the corrected table and retry with its dataSourceId.`,
    );
  }
  const request = requestOf(task, body);
  checkLimits(task, request);
  if (task.status === 'completed' && request.failed && request.spans.length === 0) {
    throw new Problem(
      'INVALID_STATE',
      `Every document of the task was made: none failed. Name the rows that are to be made anew, such as rows "1-${task.rowCount}" for all of them.`,
    );
  }
  if (task.ungrouped && body.dataSourceId !== undefined) {
    throw fault(
      '/dataSourceId',
      'The task groups its rows by a column: other data would give other groups. Make a new task, or correct values by their place, such as rows[2].price.',
    );
  }
  const templates = body.templateIds && (await replacedTemplates(ports, task, body.templateIds));
  const rows =
    body.dataSourceId === undefined
      ? undefined
      : await replacedRows(ports, task, body.dataSourceId);
  const options = body.mapping && { ...task.options, mapping: body.mapping };
  const after = { ...task, ...rows, ...(options && { options }) };
  // Rows that are grouped are written when the task is planned first.
  const places = after.ungrouped ? [after.indexKey, after.ungrouped.indexKey] : [after.indexKey];
  const found = await Promise.all(places.map((key) => ports.objects.head(key)));
  if (found.every((head) => head === undefined)) {
    throw new Problem(
      'INVALID_STATE',
      'The rows of the task are not there any more. Upload them anew and retry with their dataSourceId.',
    );
  }
  const isCompared = templates !== undefined || rows !== undefined || options !== undefined;
  const columns =
    isCompared || body.corrections.length > 0 ? await columnsOfTask(ports, after) : undefined;
  const checked = columns ? checkCorrections(task, body.corrections, columns) : [];
  if (task.ungrouped && checked.length > 0) await requireGroups(ports, task, checked);
  const names =
    isCompared && columns ? await compared(ports, after, templates, columns) : undefined;
  // One of the task's creation that fits no more is told by what no column fills.
  if (options && names) requireMapping(names, '/mapping');
  return {
    request,
    replacesRows: rows !== undefined,
    changes: {
      ...rows,
      ...(options && { options }),
      ...(templates && {
        templates: templates.map((template, i) =>
          orderedTemplate(template, task.templates[i]?.label ?? template.name),
        ),
      }),
    },
    corrections: await joinedCorrections(ports, task, checked, rows !== undefined),
    compared: names,
  };
}
