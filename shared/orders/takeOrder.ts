/** Taking an order: checks everything that can be checked before any work is done. */
import { stepsOf } from '../columns/columnPath.ts';
import { compareTask, type ComparedNames } from '../columns/compareTask.ts';
import type { Columns } from '../columns/fill.ts';
import { lookalikeWarnings } from '../columns/lookalikes.ts';
import { columnsOf, requireReadyDataSource, withFields } from '../dataSources/dataSources.ts';
import { completeReading } from '../dataSources/reading.ts';
import { writeRows } from '../dataSources/rows.ts';
import { objectKeys } from '../keys.ts';
import { MAX_ROWS } from '../limits.ts';
import type { Ports } from '../ports.ts';
import { Problem, type ProblemDetail } from '../problems.ts';
import { columnsOfNames, compileNames } from '../rendering/documentNames.ts';
import type { DataSourceItem, TemplateItem } from '../schemas/items.ts';
import type { FilterColumns } from '../selection/filter.ts';
import { tagsRead } from '../tags/compileFormats.ts';
import { requireReadyTemplate } from '../templates/templates.ts';
import { checkSelection } from './checkSelection.ts';
import { groupedColumns } from './groupedColumns.ts';
import type { Order } from '../schemas/items.ts';
import type { OrderBody } from '../schemas/taskApi.ts';
import { requireMapping } from './requireMapping.ts';
import { orderedTemplate } from './orderedTemplate.ts';
import { uniqueLabels } from './templateLabels.ts';
import type { RowStep } from '../schemas/rowSteps.ts';
import type { ServiceConnectionItem } from '../schemas/serviceConnectionItems.ts';
import type { TaskSteps } from '../rowSteps/taskSteps.ts';
import { compileSteps } from '../rowSteps/compileSteps.ts';
import { checkStepNames, orderedSteps, stepReaders, withStepColumns } from './orderedSteps.ts';
import { partsOf } from '../tasks/parts.ts';
import { readTarget } from '../egress/targets.ts';
import { findConnection } from '../serviceConnections/connectionStore.ts';

type OrderPorts = Pick<Ports, 'table' | 'objects' | 'serviceEgress'>;

export interface TakenOrder {
  readonly order: Order;
  /** Of the documents: groups are made later, so their rows count one by one. */
  readonly totalDocuments: number;
  /** What the templates are called, or, where there are none, the steps. */
  readonly labels: readonly string[];
  readonly steps?: TaskSteps;
  /** Of the rows as they came. */
  readonly columns: Columns;
  readonly compared: ComparedNames;
  /** In sentences: what should be looked at before it is begun. */
  readonly warnings: readonly string[];
}

const DEFAULT_FILE_NAME = '{template}-{row}';

const fault = (pointer: string, detail: string) =>
  new Problem('VALIDATION_ERROR', detail, { errors: [{ pointer, detail }] });

interface FoundRows {
  readonly item: Pick<Order, 'rowsKey' | 'indexKey' | 'rowCount' | 'dataSourceId'>;
  readonly columns: Columns;
  /** Fields of the rows themselves. */
  readonly filterable: FilterColumns;
  /** What the rows themselves give to tell; of a data source its own answer does. */
  readonly warnings: readonly string[];
}

/** Fields of the rows of a data source; of CSV all but groups and lists are texts. */
function fieldsOf({ columns = [], reading, fileName }: DataSourceItem): FilterColumns {
  const isCsv = completeReading(fileName, reading ?? {}).format === 'csv';
  const groups = new Set<string>();
  const names = new Set<string>();
  for (const column of columns) {
    const [first = column, ...rest] = stepsOf(column);
    names.add(String(first));
    if (rest.length > 0) groups.add(String(first));
  }
  const texts = isCsv ? [...names].filter((name) => !groups.has(name)) : [];
  return { names: [...names], texts: new Set(texts) };
}

async function findRows(
  ports: OrderPorts,
  ownerId: string,
  id: string,
  body: OrderBody,
): Promise<FoundRows> {
  if (body.dataSourceId !== undefined) {
    const source = await requireReadyDataSource(ports, ownerId, body.dataSourceId);
    return {
      item: {
        dataSourceId: body.dataSourceId,
        rowsKey: objectKeys.sourceRows(body.dataSourceId),
        indexKey: objectKeys.sourceIndex(body.dataSourceId),
        rowCount: source.rowCount ?? 0,
      },
      columns: columnsOf(source),
      filterable: fieldsOf(source),
      warnings: [],
    };
  }
  const rows = body.data ?? [];
  if (rows.length === 0) throw fault('/data', 'data has no rows. Send at least one.');
  const rowsKey = objectKeys.inlineRows(id);
  const indexKey = objectKeys.inlineIndex(id);
  const written = await writeRows(ports, { rowsKey, indexKey }, rows);
  return {
    item: { rowsKey, indexKey, rowCount: written.rowCount },
    columns: withFields(written),
    filterable: { names: written.columns, texts: new Set() },
    warnings: lookalikeWarnings(written.columns),
  };
}

const readyTemplates = (
  ports: OrderPorts,
  ownerId: string,
  { templateIds }: OrderBody,
): Promise<TemplateItem[]> =>
  Promise.all(templateIds.map((id) => requireReadyTemplate(ports, ownerId, id)));

const namePattern = ({ fileName = DEFAULT_FILE_NAME }: OrderBody) => fileName;

/**
 * Looks, before anything is written, whether all is there that an order names.
 * @throws Problem TEMPLATE_NOT_FOUND, DATA_SOURCE_NOT_FOUND, INVALID_STATE (a template or data source
 *   that is not ready), TEMPLATE_INVALID, DATA_INVALID, VALIDATION_ERROR (the pattern of names)
 */
export async function requireOrdered(
  ports: OrderPorts,
  ownerId: string,
  body: OrderBody,
): Promise<void> {
  await readyTemplates(ports, ownerId, body);
  await requireSteps(ports, ownerId, body.steps, []);
  if (body.dataSourceId !== undefined) {
    await requireReadyDataSource(ports, ownerId, body.dataSourceId);
  }
  compileNames(namePattern(body), body.templateIds.length);
}

/**
 * The connections of steps.
 * @param columns of the rows
 * @throws Problem VALIDATION_ERROR with everything that is wrong with the steps
 */
async function requireSteps(
  ports: OrderPorts,
  ownerId: string,
  steps: readonly RowStep[] = [],
  columns: readonly string[],
): Promise<ReadonlyMap<string, ServiceConnectionItem>> {
  const faults: ProblemDetail[] = [];
  const connections = new Map<string, ServiceConnectionItem>();
  for (const { connectionId } of steps) {
    if (connectionId === undefined) continue;
    const connection = await findConnection(ports, ownerId, connectionId);
    if (connection) connections.set(connectionId, connection);
  }
  const whyRefused = (url: string) => {
    const target = readTarget(url, ports.serviceEgress);
    return 'fault' in target ? target.fault : undefined;
  };
  compileSteps(steps, (id) => connections.get(id)?.baseUrl, faults, whyRefused);
  checkStepNames(steps, columns, faults);
  if (faults.length === 0) return connections;
  throw new Problem('VALIDATION_ERROR', faults[0]?.detail ?? '', { errors: faults });
}

/**
 * Takes an order; rows that came inline are written.
 * @param id of what it is the order of, below which its objects lie
 * @throws Problem as requireOrdered() does, and VALIDATION_ERROR for its options
 */
export async function takeOrder(
  ports: OrderPorts,
  ownerId: string,
  id: string,
  body: OrderBody,
): Promise<TakenOrder> {
  const [rows, templates] = await Promise.all([
    findRows(ports, ownerId, id, body),
    // Looked for again, behind the note of their use: what was deleted since is not there.
    readyTemplates(ports, ownerId, body),
  ]);
  const { options } = body;
  const { rowCount } = rows.item;
  if (rowCount === 0) throw fault('/dataSourceId', 'The data source has no rows.');
  checkSelection(options, rowCount, rows.filterable);
  const { steps = [] } = body;
  const connections = await requireSteps(ports, ownerId, steps, rows.columns.names);
  const ordered = steps.length > 0 ? orderedSteps(steps, connections) : undefined;
  const labels = uniqueLabels(
    templates.map((template) => template.name),
    steps.map(({ name }) => name),
  );
  const orderedTemplates = templates.map((template, i) =>
    orderedTemplate(template, labels[i] ?? template.name),
  );
  const totalDocuments = rowCount * partsOf({ templates: orderedTemplates, steps: ordered }).length;
  if (totalDocuments > MAX_ROWS) {
    throw new Problem(
      'DATA_INVALID',
      `The task would make ${totalDocuments} documents; one task makes at most ${MAX_ROWS}. Split the rows over several tasks.`,
    );
  }

  const fileName = namePattern(body);
  const columns = options.groupBy === undefined ? rows.columns : groupedColumns(rows.columns);
  const compared = compareTask({
    templates: [
      ...templates.map(({ tags = [] }, i) => ({ label: labels[i] ?? '', tags: tagsRead(tags) })),
      ...stepReaders(ordered),
    ],
    fileNameTags: columnsOfNames(fileName),
    columns: withStepColumns(columns, ordered),
    missingValue: options.missingValue,
    mapping: options.mapping,
  });
  requireMapping(compared);
  return {
    order: {
      templates: orderedTemplates,
      ...rows.item,
      ...(ordered && { steps: ordered }),
      ...(options.groupBy !== undefined && {
        rowsKey: objectKeys.groupedRows(id),
        indexKey: objectKeys.groupedIndex(id),
        ungrouped: { rowsKey: rows.item.rowsKey, indexKey: rows.item.indexKey },
      }),
      fileName,
      options,
    },
    totalDocuments,
    labels: [...labels, ...(labels.length === 0 ? steps.map(({ name }) => name) : [])],
    ...(steps.length > 0 && {
      steps: {
        steps: [...steps],
        baseUrls: Object.fromEntries(
          Array.from(connections, ([id, { baseUrl }]) => [id, baseUrl] as const),
        ),
      },
    }),
    columns: rows.columns,
    compared,
    warnings: [...compared.warnings, ...rows.warnings],
  };
}
