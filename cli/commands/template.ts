/** `sheaf template`: Word documents with tags. */
import type { Command } from 'commander';
import { CreateTemplateSchema, type TemplateView } from '../../shared/schemas/templateApi.ts';
import { by, createCommand, createGroup, type Runner } from '../command.ts';
import { pairLines } from '../terminal/pairs.ts';
import type { Column } from '../terminal/table.ts';
import { count } from '../terminal/words.ts';
import { deleteCommand } from './deleteSome.ts';
import { checkTemplate } from '../files/inputs.ts';
import { uploadTemplate } from './inputs.ts';
import { listCommand } from './listSome.ts';
import { saveDataSheet } from './template/dataSheet.ts';
import { checkTemplates } from './template/check.ts';
import { listTags } from './template/tags.ts';
import { moment, PAGE } from './values.ts';

const add = (runner: Runner): Command =>
  createCommand<{ name?: string }, [file: string]>(
    {
      name: 'add',
      summary: 'upload a template, for tasks to come',
      examples: [
        { line: 'sheaf template add letter.docx', does: 'tells its id' },
        {
          line: 'sheaf template add letter.docx --name "Offer letter"',
          does: 'what {template} stands for in names of documents',
        },
      ],
    },
    runner,
    (command) =>
      command
        .argument('<file>', 'a Word document (.docx)')
        .option(
          '--name <name>',
          "for people (default: the file's)",
          by(CreateTemplateSchema.shape.name),
        ),
    async (context, { name }, file) => {
      await checkTemplate(file, '');
      const template = await uploadTemplate(context, file, { ...(name !== undefined && { name }) });
      if (context.options.json === true) return context.tell(template);
      for (const line of templateLines(template)) context.print(line);
    },
  );

const templateLines = ({ templateId, name, fileName, tags, warnings = [] }: TemplateView) =>
  pairLines([
    ['Template', templateId],
    ['Name', name],
    ['File', fileName],
    ['Tags', tags && count(tags.length)],
    ...warnings.map((warning) => ['Look at', warning] as const),
  ]);

const COLUMNS: readonly Column<TemplateView>[] = [
  { heading: 'TEMPLATE', cell: ({ templateId }) => templateId },
  { heading: 'STATUS', cell: ({ status }) => status },
  { heading: 'TAGS', isNumber: true, cell: ({ tags }) => (tags ? count(tags.length) : '') },
  { heading: 'CREATED', cell: ({ createdAt }) => moment(createdAt) },
  { heading: 'NAME', cell: ({ name }) => name },
];

/** `sheaf template` with all that is below it. */
export const createTemplateGroup = (runner: Runner): Command =>
  createGroup('template', 'Word documents with tags: check, list, keep', [
    checkTemplates(runner),
    listTags(runner),
    saveDataSheet(runner),
    add(runner),
    listCommand(runner, {
      summary: 'your templates, the newest first',
      examples: [{ line: 'sheaf template list', does: 'those that were uploaded' }],
      none: 'There is no template yet: sheaf template add.',
      columns: COLUMNS,
      each: (client, signal) => client.each('listTemplates', { limit: PAGE }, { signal }),
    }),
    deleteCommand(runner, {
      name: 'delete',
      noun: 'template',
      kind: 'template',
      summary: 'remove templates',
      description: 'Removes templates. Tasks that were made with them go on.',
      examples: [{ line: 'sheaf template delete tpl_…', does: 'asks first' }],
      question: (what) => `Delete ${what}?`,
      call: (client, templateId, signal) => client.deleteTemplate({ templateId }, { signal }),
    }),
  ]);
