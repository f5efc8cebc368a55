/** Templates in the table: every read goes through the item's schema. */
import { ownerPartitions, tableKeys } from '../keys.ts';
import type { Change, Condition, Ports } from '../ports.ts';
import { Problem } from '../problems.ts';
import type { PageQuery } from '../schemas/common.ts';
import { TemplateItemSchema, type TemplateItem } from '../schemas/items.ts';

type TablePort = Pick<Ports, 'table'>;

/** @throws Problem TEMPLATE_NOT_FOUND, for another owner's too */
export async function loadOwnedTemplate(
  { table }: TablePort,
  ownerId: string,
  templateId: string,
): Promise<TemplateItem> {
  const item = await table.get(tableKeys.template(templateId));
  const template = item && TemplateItemSchema.parse(item);
  if (template?.ownerId !== ownerId) {
    throw new Problem(
      'TEMPLATE_NOT_FOUND',
      `There is no template ${templateId}. One that was never completed is forgotten after a day.`,
    );
  }
  return template;
}

export async function addTemplate({ table }: TablePort, template: TemplateItem): Promise<void> {
  await table.put(tableKeys.template(template.templateId), template, { absent: 'pk' });
}

/** The template after the change; undefined when the condition does not hold (any more). */
export async function changeTemplate(
  { table }: TablePort,
  templateId: string,
  change: Change,
  condition: Condition,
): Promise<TemplateItem | undefined> {
  const item = await table.update(tableKeys.template(templateId), change, condition);
  return item && TemplateItemSchema.parse(item);
}

/** One page of the owner's templates, newest first, and where the next one begins. */
export async function pageOfTemplates(
  { table }: TablePort,
  ownerId: string,
  { limit, cursor }: PageQuery,
): Promise<{ templates: TemplateItem[]; next?: string }> {
  const { items, next } = await table.query({
    index: 'byOwner',
    partition: ownerPartitions.templates(ownerId),
    descending: true,
    limit,
    ...(cursor !== undefined && { after: cursor }),
  });
  return {
    templates: items.map((item) => TemplateItemSchema.parse(item)),
    ...(next !== undefined && { next }),
  };
}
