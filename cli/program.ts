/** The tree of all commands. */
import { Option, type Command } from 'commander';
import packageJson from '../package.json' with { type: 'json' };
import { createNamed, type Runner } from './command.ts';
import { createCheckCommand } from './commands/check.ts';
import { createCompletionCommand } from './commands/completion.ts';
import { createConnectionGroup } from './commands/connection.ts';
import { createDoctorCommand } from './commands/doctor.ts';
import { createGenerateCommand } from './commands/generate.ts';
import { createInitCommand } from './commands/init.ts';
import { createKeysGroup } from './commands/keys.ts';
import { createOpenCommand } from './commands/open.ts';
import { createProfileGroup } from './commands/profile.ts';
import { createSourceGroup } from './commands/source.ts';
import { createStartCommand } from './commands/start.ts';
import { createTaskGroup } from './commands/task.ts';
import { createTemplateGroup } from './commands/template.ts';
import { createUsageCommand } from './commands/usage.ts';
import { createWebhookGroup } from './commands/webhook.ts';
import type { World } from './world.ts';

const DESCRIPTION = `One Word template and a table of rows in; ten or a million documents, live progress and one ZIP out.`;

const ENDING = `
Without --endpoint, SHEAF_API_URL or a profile a command uses the local cloud that runs for this
folder, or starts one, does its work and stops it. Everything is on this machine then.

Exit codes: 0 done, 1 failed, 2 the command line is wrong, 3 made in part, 4 a check found
errors, 130 interrupted.`;

/** In the order of the help. */
const COMMANDS: readonly ((runner: Runner) => Command)[] = [
  createInitCommand,
  createGenerateCommand,
  createCheckCommand,
  createTaskGroup,
  createTemplateGroup,
  createSourceGroup,
  createConnectionGroup,
  createWebhookGroup,
  createProfileGroup,
  createKeysGroup,
  createStartCommand,
  createOpenCommand,
  createDoctorCommand,
  createUsageCommand,
  createCompletionCommand,
];

/** @param runner runs what a command line asks for */
export function createProgram(world: Pick<World, 'out' | 'err'>, runner: Runner): Command {
  const program = createNamed('sheaf', '', DESCRIPTION)
    .addHelpOption(new Option('-h, --help', 'this text'))
    .version(packageJson.version, '-V, --version', 'the version of this program')
    .helpCommand('help [command]', 'the text of a command')
    .addHelpText('after', ENDING);
  for (const create of COMMANDS) program.addCommand(create(runner));
  for (const { command, path } of commandsOf(program)) {
    command.showHelpAfterError(`See ${path} --help.`).configureOutput({
      writeOut: (text) => void world.out.write(text),
      writeErr: (text) => void world.err.write(text),
    });
  }
  return program;
}

/** Every command with how it is called: sheaf, sheaf task, sheaf task list. */
function commandsOf(
  command: Command,
  before = '',
): { readonly command: Command; readonly path: string }[] {
  const path = `${before}${command.name()}`;
  return [{ command, path }, ...command.commands.flatMap((inner) => commandsOf(inner, `${path} `))];
}
