/** Templates in the table: every read goes through the item's schema. */
import { ownerPartitions, tableKeys } from '../keys.ts';
import { ownedStore } from '../ownedStore.ts';
import { Problem } from '../problems.ts';
import { TemplateItemSchema } from '../schemas/items.ts';

export const templateStore = ownedStore({
  schema: TemplateItemSchema,
  keyOf: tableKeys.template,
  partitionOf: ownerPartitions.templates,
  notFound: (templateId) =>
    new Problem(
      'TEMPLATE_NOT_FOUND',
      `There is no template ${templateId}. One that was never completed is forgotten after a day.`,
    ),
});
