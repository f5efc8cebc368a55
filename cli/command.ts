/** How commands are made: each with the options that all have, examples, and values that are checked. */
import { Command, InvalidArgumentError, Option } from 'commander';
import type * as z from 'zod';
import type { Context } from './context.ts';
import type { SharedOptions } from './world.ts';
import type { ExitCode } from './exit.ts';

/** A command line to show, and what it does. */
export interface Example {
  readonly line: string;
  readonly does: string;
}

export interface CommandDescription {
  /** With its arguments, such as `show <task>`. */
  readonly name: string;
  /** One line, in lists of commands. */
  readonly summary: string;
  /** Above its options; the summary, unless given. */
  readonly description?: string;
  readonly examples: readonly Example[];
}

/** Does what a command is for; the code to end with is 0 unless it is given. */
export type Work = (context: Context) => Promise<ExitCode | undefined | void>;
/** Runs a command with the options that all have. */
export type Runner = (options: SharedOptions, work: Work) => Promise<void>;

/** What commands show, kept beside them: the library has no place for it. */
const examples = new WeakMap<Command, readonly Example[]>();

export const examplesOf = (command: Command): readonly Example[] => examples.get(command) ?? [];

/** The heading of options that all commands have. */
export const SHARED_GROUP = 'Options of every command:';
const HELP_WIDTH = 90;

function sharedOptions(): Option[] {
  const shared = (flags: string, help: string) => new Option(flags, help).helpGroup(SHARED_GROUP);
  return [
    shared(
      '--endpoint <url>',
      'the API to use (SHEAF_API_URL; else the local cloud of this folder)',
    ),
    shared('--profile <name>', 'the API and key of a profile (SHEAF_PROFILE)'),
    shared('--key-file <file>', 'the API key, in a file (SHEAF_API_KEY is the key itself)'),
    shared('--json', 'results as JSON, one value a line'),
    shared('--quiet', 'nothing but results and errors'),
    shared('--verbose', 'of an error, everything that is known').conflicts('quiet'),
    shared('--no-color', 'no colours (NO_COLOR)'),
  ];
}

/**
 * A command that does something.
 * @param configure adds its own options
 * @param work what it does with them and its arguments, which have been checked
 */
export function createCommand<O, A extends readonly unknown[]>(
  description: CommandDescription,
  runner: Runner,
  configure: (command: Command) => void,
  work: (context: Context, options: O, ...args: A) => ReturnType<Work>,
): Command {
  const { name, summary, examples: lines } = description;
  const command = createNamed(name, summary, description.description ?? summary);
  configure(command);
  for (const option of sharedOptions()) command.addOption(option);
  command.addHelpOption(new Option('-h, --help', 'this text').helpGroup(SHARED_GROUP));
  const shown = lines.flatMap(({ line, does }) => [`  ${line}`, `      ${does}`]);
  examples.set(command, lines);
  if (lines.length > 0) command.addHelpText('after', ['', 'Examples:', ...shown].join('\n'));
  return command.action(async (...given: unknown[]) => {
    const options = command.opts<O & SharedOptions>();
    const args = given.slice(0, command.registeredArguments.length) as unknown as A;
    await runner(options, (context) => work(context, options, ...args));
  });
}

/** A command that only holds others. */
export function createGroup(name: string, summary: string, commands: readonly Command[]): Command {
  const group = createNamed(name, summary, summary);
  for (const command of commands) group.addCommand(command);
  return group.helpCommand(false).helpOption('-h, --help', 'this text');
}

/** The frame of every command: how faults of a command line are told. */
export function createNamed(name: string, summary: string, description: string): Command {
  const [own, ...args] = name.split(' ');
  const command = new Command(own).summary(summary).description(description);
  if (args.length > 0) command.arguments(args.join(' '));
  return command
    .exitOverride()
    .configureHelp({ helpWidth: HELP_WIDTH })
    .configureOutput({
      outputError: (text, write) => write(`${text.replace(/^error: /, '').trimEnd()}\n`),
    })
    .showSuggestionAfterError();
}

/**
 * Reads an option's or argument's value by a schema.
 * @throws InvalidArgumentError with what the schema says
 */
export const by =
  <S extends z.ZodType>(schema: S) =>
  (text: string): z.output<S> =>
    check(schema, text);

/** The same of a value that is no text any more. */
export function check<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError(parsed.error.issues.map(({ message }) => message).join(' '));
}
