/** `sheaf template tags`: what rows are to fill. */
import type { Command } from 'commander';
import type { Tag } from '../../../shared/schemas/common.ts';
import { createCommand, type Runner } from '../../command.ts';
import { tableLines, type Column } from '../../terminal/table.ts';
import { checkTemplateInput, withTemplate } from '../inputs.ts';

const COLUMNS: readonly Column<Tag>[] = [
  { heading: 'TAG', cell: ({ name }) => name },
  { heading: 'KIND', cell: ({ kind, isMergeField }) => (isMergeField ? 'merge field' : kind) },
  { heading: 'IN', cell: ({ path }) => path.join(' > ') },
  { heading: 'FORMATS', cell: ({ formats = [] }) => formats.join(' | ') },
  { heading: 'PART', cell: ({ part }) => part },
];

export const listTags = (runner: Runner): Command =>
  createCommand<Record<never, never>, [template: string]>(
    {
      name: 'tags',
      summary: 'what rows are to fill',
      examples: [
        { line: 'sheaf template tags letter.docx', does: 'in the order of the document' },
        { line: 'sheaf template tags tpl_… --json', does: 'of one that was uploaded' },
      ],
    },
    runner,
    (command) => command.argument('<file|id>', 'a Word document (.docx), or the id of a template'),
    async (context, _, text) => {
      await checkTemplateInput('', text);
      const { tags = [] } = await withTemplate(context, text, (template) =>
        Promise.resolve(template),
      );
      if (context.options.json === true) return tags.forEach((tag) => context.tell(tag));
      if (tags.length === 0) return context.note('There is no tag in it.');
      for (const line of tableLines(tags, COLUMNS)) context.print(line);
    },
  );
