/** `sheaf doctor`: what is missing, and how to get it. */
import type { Command } from 'commander';
import { createCommand, type Runner } from '../command.ts';
import type { Context } from '../context.ts';
import { EXIT } from '../exit.ts';
import { isNamed } from '../target/target.ts';
import { plain } from '../terminal/screen.ts';
import { examineApi } from './doctor/api.ts';
import type { Finding, Grade } from './doctor/finding.ts';
import { examineMachine } from './doctor/machine.ts';

const MARKS: Readonly<Record<Grade, { mark: string; code: number }>> = {
  good: { mark: '✓', code: 32 },
  odd: { mark: '!', code: 33 },
  bad: { mark: '✗', code: 31 },
};

export const createDoctorCommand = (runner: Runner): Command =>
  createCommand<Record<never, never>, []>(
    {
      name: 'doctor',
      summary: 'what is missing here, and how to get it',
      description:
        'Looks at what Sheaf needs on this machine, or, with --endpoint or a profile, at whether that API can be used from here. Nothing is started or changed. Ends with 1 when something is missing.',
      examples: [
        { line: 'sheaf doctor', does: 'this machine and this folder' },
        { line: 'sheaf doctor --profile work', does: 'address, key, clock and events of a stack' },
      ],
    },
    runner,
    () => undefined,
    async (context) => {
      const findings = isNamed(context.options, context.env)
        ? examineApi(context)
        : examineMachine(context);
      let isWell = true;
      for await (const finding of findings) {
        tell(context, finding);
        if (finding.grade === 'bad') isWell = false;
      }
      return isWell ? EXIT.done : EXIT.failed;
    },
  );

function tell(context: Context, { grade, what, detail, advice }: Finding): void {
  if (context.options.json === true) {
    return context.tell({ grade, what, detail, advice: advice ?? null });
  }
  const { mark, code } = MARKS[grade];
  const shown = context.outColour ? `\u001b[${code}m${mark}\u001b[39m` : mark;
  context.print(`${shown} ${what}: ${plain(detail)}`);
  if (advice !== undefined) context.print(`  ${plain(advice)}`);
}
