/** `sheaf template check`: whether Word documents can be templates. */
import type { Command } from 'commander';
import { ApiError } from '../../../client/errors.ts';
import type { ProblemDetail } from '../../../shared/problems.ts';
import type { TemplateView } from '../../../shared/schemas/templateApi.ts';
import { createCommand, type Runner } from '../../command.ts';
import type { Context } from '../../context.ts';
import { EXIT, type ExitCode } from '../../exit.ts';
import { plain } from '../../terminal/screen.ts';
import { counted } from '../../terminal/words.ts';
import { checkTemplateInput, withTemplate } from '../inputs.ts';
import { collect } from '../values.ts';

export const checkTemplates = (runner: Runner): Command =>
  createCommand<Record<never, never>, [templates: string[]]>(
    {
      name: 'check',
      summary: 'whether Word documents can be templates',
      description:
        'Has Word documents checked as templates, and tells every fault with its place. Nothing is kept of them. Ends with 4 when one cannot be used.',
      examples: [
        { line: 'sheaf template check letter.docx', does: 'faults, or how many tags there are' },
        { line: 'sheaf template check *.docx --json', does: 'a line for each, for a program' },
      ],
    },
    runner,
    (command) =>
      command.argument('<file|id...>', 'Word documents (.docx), or ids of templates', collect),
    async (context, _, templates) => {
      for (const each of templates) await checkTemplateInput('', each);
      let code: ExitCode = EXIT.done;
      for (const each of templates) {
        const found = await look(context, each);
        tell(context, each, found);
        if (found instanceof ApiError) code = EXIT.faulty;
      }
      return code;
    },
  );

/** The template, or the refusal with its faults. */
const look = (context: Context, text: string): Promise<TemplateView | ApiError> =>
  withTemplate(context, text, (template) => Promise.resolve(template)).catch((error: unknown) => {
    if (error instanceof ApiError && error.code === 'TEMPLATE_INVALID') return error;
    throw error;
  });

function tell(context: Context, text: string, found: TemplateView | ApiError): void {
  if (found instanceof ApiError) {
    const faults = faultsOf(found);
    if (context.options.json === true) {
      return context.tell({ template: text, status: 'invalid', faults });
    }
    context.print(`${text}: cannot be used`);
    for (const { pointer, detail } of faults) {
      context.print(`  ${plain(pointer === '' ? detail : `${pointer}: ${detail}`)}`);
    }
    return;
  }
  const { status, tags = [], engine, warnings = [] } = found;
  if (context.options.json === true) {
    return context.tell({ template: text, status, tags: tags.length, engine, warnings });
  }
  context.print(`${text}: ${status}, ${counted(tags.length, 'tag')}`);
  for (const warning of warnings) context.print(`  ${plain(warning)}`);
}

const faultsOf = ({ errors, message }: ApiError): readonly ProblemDetail[] =>
  errors.length > 0 ? errors : [{ pointer: '', detail: message }];
