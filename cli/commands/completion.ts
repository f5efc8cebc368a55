/** `sheaf completion`: scripts by which shells complete command lines. */
import { Argument, type Command } from 'commander';
import { createCommand, type Runner } from '../command.ts';
import { treeOf } from '../tree.ts';
import { bashScript } from './completion/bash.ts';
import { fishScript } from './completion/fish.ts';
import { powershellScript } from './completion/powershell.ts';
import { zshScript } from './completion/zsh.ts';

const SCRIPTS = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
  powershell: powershellScript,
} as const;
type Shell = keyof typeof SCRIPTS;

export const createCompletionCommand = (runner: Runner): Command => {
  const command = createCommand<Record<never, never>, [shell: Shell]>(
    {
      name: 'completion',
      summary: 'a script by which a shell completes command lines',
      description:
        'Prints a script that completes commands, options and their values. It is made of the commands of this version: make it anew after an update.',
      examples: [
        { line: 'sheaf completion bash', does: 'eval "$(sheaf completion bash)" in ~/.bashrc' },
        { line: 'sheaf completion zsh', does: 'into a file _sheaf of a folder of fpath' },
        {
          line: 'sheaf completion fish',
          does: 'into ~/.config/fish/completions/sheaf.fish',
        },
        {
          line: 'sheaf completion powershell',
          does: 'sheaf completion powershell | Out-String | Invoke-Expression in $PROFILE',
        },
      ],
    },
    runner,
    (own) => own.addArgument(new Argument('<shell>', 'whose').choices(Object.keys(SCRIPTS))),
    (context, _, shell) => {
      const root = command.parent;
      if (root) context.out.write(SCRIPTS[shell](treeOf(root)));
      return Promise.resolve();
    },
  );
  return command;
};
