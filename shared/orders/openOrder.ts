/** Opening an order to read its rows as its documents would. */
import { compareNames, type NameComparison } from '../columns/compareTask.ts';
import type { Columns } from '../columns/fill.ts';
import { readIndex, type RowsIndex } from '../dataSources/rows.ts';
import type { Ports } from '../ports.ts';
import { columnsOfNames } from '../rendering/documentNames.ts';
import type { CompiledTemplate } from '../rendering/renderer.ts';
import type { Tag } from '../schemas/common.ts';
import type { Order } from '../schemas/items.ts';
import { prepareGroups } from '../shards/groupRows.ts';
import { compiledTemplate } from '../shards/templateCache.ts';
import { tagsRead } from '../tags/compileFormats.ts';
import type { PlacedTag } from '../tags/tagTree.ts';
import { groupedColumns } from './groupedColumns.ts';
import { stepReaders, withoutSteps, withStepColumns } from './orderedSteps.ts';

export interface OpenedTemplate {
  readonly label: string;
  readonly compiled: CompiledTemplate;
  /** With what formats read inside of lists (tagsRead). */
  readonly tags: readonly Tag[];
  readonly placed: readonly PlacedTag[];
  readonly readsTyped: boolean;
}

export interface OpenedOrder {
  /** Of the rows that documents are made of, and of the rows as they came. */
  readonly index: RowsIndex;
  readonly ungrouped: RowsIndex;
  readonly templates: readonly OpenedTemplate[];
  readonly compared: NameComparison;
}

/**
 * Compiles the templates, and writes the groups of an order that groups its rows.
 * @param columns of the rows as they came
 * @throws ObjectMissing when its rows or templates are gone
 */
export async function openOrder(
  ports: Pick<Ports, 'objects'>,
  order: Order,
  columns: Columns,
): Promise<OpenedOrder> {
  const { options } = order;
  await prepareGroups(ports, order);
  const index = await readIndex(ports, order.indexKey);
  const ungrouped = order.ungrouped ? await readIndex(ports, order.ungrouped.indexKey) : index;
  const templates = await Promise.all(
    order.templates.map(async (template): Promise<OpenedTemplate> => {
      const compiled = await compiledTemplate(ports, template, options);
      const { placed, readsTyped } = compiled;
      const tags = tagsRead(compiled.tags);
      return { label: template.label, compiled, tags, placed, readsTyped };
    }),
  );
  const compared = compareNames({
    templates: [...templates, ...stepReaders(order.steps)],
    fileNameTags: columnsOfNames(order.fileName),
    columns: withStepColumns(order.ungrouped ? groupedColumns(columns) : columns, order.steps),
    mapping: options.mapping,
  });
  const looked = templates.map((template, i) => ({
    ...template,
    placed: withoutSteps(template.placed, order.steps, compared.spellings[i]),
  }));
  return { index, ungrouped, templates: looked, compared };
}
