/** `sheaf template data-sheet`: a workbook to fill in. */
import { basename } from 'node:path';
import type { Command } from 'commander';
import { createCommand, type Runner } from '../../command.ts';
import { UsageError } from '../../errors.ts';
import { checkOutputFile } from '../../files/inputs.ts';
import { saveFile } from '../../files/saveFile.ts';
import { checkTemplateInput, isTemplateId, withTemplate } from '../inputs.ts';
import { tellSaved, withProgress } from '../saving.ts';

export const saveDataSheet = (runner: Runner): Command =>
  createCommand<{ out?: string; force?: boolean }, [template: string]>(
    {
      name: 'data-sheet',
      summary: 'save a workbook to fill in for a template',
      description:
        'Saves a workbook with a column for each tag, a sheet for each list, and instructions. Filled in, it is the --data of sheaf generate; nothing has to be mapped.',
      examples: [
        { line: 'sheaf template data-sheet letter.docx', does: 'letter.xlsx' },
        { line: 'sheaf template data-sheet tpl_… --out sheet.xlsx', does: 'by another name' },
      ],
    },
    runner,
    (command) =>
      command
        .argument('<file|id>', 'a Word document (.docx), or the id of a template')
        .option('--out <file>', 'a workbook (.xlsx)')
        .option('--force', 'replace a file that is there'),
    async (context, { out, force = false }, text) => {
      const path = out ?? `${basename(text).replace(/\.docx$/i, '')}.xlsx`;
      if (!/\.xlsx$/i.test(path)) {
        throw new UsageError(`--out ${path}: it is a workbook. Name a file that ends in .xlsx.`);
      }
      await checkTemplateInput('', text);
      const inputs = isTemplateId(text) ? [] : [['the template', text] as const];
      await checkOutputFile(path, '--out', force, inputs);
      const saved = await withTemplate(context, text, async ({ templateId }) => {
        const { client } = await context.target();
        const { signal } = context.interrupts;
        const link = () => client.downloadDataSheet({ templateId }, { signal });
        return withProgress(context, force, (saving) => saveFile(link, path, saving));
      });
      tellSaved(context, saved);
    },
  );
