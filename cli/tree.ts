/** The tree of commands as data: for completion, documentation and tests. */
import type { Command, Option } from 'commander';
import { examplesOf, type Example } from './command.ts';

/** What a value or an argument is completed by. */
export type ValueKind = 'none' | 'words' | 'file';

export interface OptionNode {
  /** As it is typed, such as --limit. */
  readonly long: string;
  /** With its value, such as `--limit <number>`. */
  readonly flags: string;
  readonly help: string;
  readonly group: string | undefined;
  readonly takesValue: boolean;
  readonly kind: ValueKind;
  readonly words: readonly string[];
}

export interface CommandNode {
  /** Words behind `sheaf`, such as task list; empty for sheaf itself. */
  readonly path: readonly string[];
  readonly summary: string;
  readonly description: string;
  /** What follows its words, such as `[options] <task>`. */
  readonly usage: string;
  readonly options: readonly OptionNode[];
  readonly argumentHelp: readonly { readonly name: string; readonly help: string }[];
  /** What its arguments are completed by. */
  readonly argumentKind: ValueKind;
  /** The words that an argument can be, where they are all known. */
  readonly argumentWords: readonly string[];
  readonly examples: readonly Example[];
  readonly commands: readonly CommandNode[];
}

/** A name of a value that is a file, or may be one. */
const FILE_NAME = /^(file|path|folder)\b/;

export function treeOf(command: Command, path: readonly string[] = []): CommandNode {
  const args = command.registeredArguments;
  return {
    path,
    summary: command.summary(),
    description: command.description(),
    usage: command.usage(),
    options: command.options.filter(({ hidden }) => !hidden).map(optionOf),
    argumentHelp: args.map((each) => ({ name: each.name(), help: each.description })),
    argumentKind: args.some((each) => FILE_NAME.test(each.name())) ? 'file' : 'none',
    argumentWords: args.flatMap(({ argChoices = [] }) => argChoices),
    examples: examplesOf(command),
    commands: command.commands.map((inner) => treeOf(inner, [...path, inner.name()])),
  };
}

function optionOf(option: Option): OptionNode {
  const { long, flags, description, helpGroupHeading, argChoices = [] } = option;
  const takesValue = option.required || option.optional;
  const [, value = ''] = /[<[](.*)[>\]]/.exec(flags) ?? [];
  return {
    long: long ?? flags,
    flags,
    help: description,
    group: helpGroupHeading,
    takesValue,
    kind: argChoices.length > 0 ? 'words' : FILE_NAME.test(value) ? 'file' : 'none',
    words: argChoices,
  };
}

/** A command and all below it, in the order of the help. */
export const allOf = (node: CommandNode): readonly CommandNode[] => [
  node,
  ...node.commands.flatMap(allOf),
];
