/** What all scripts of completion are made of. */
import { allOf, type CommandNode, type OptionNode } from '../../tree.ts';

/** What stands for a command in a script: its words with a blank before each. */
export const placeOf = ({ path }: Pick<CommandNode, 'path'>): string =>
  path.map((word) => ` ${word}`).join('');

const HELP: OptionNode = {
  long: '--help',
  flags: '--help',
  help: 'this text',
  group: undefined,
  takesValue: false,
  kind: 'none',
  words: [],
};

/** With the one that every command has. */
export const optionsOf = ({ options }: CommandNode): readonly OptionNode[] => [...options, HELP];

/** Commands that something can be said of: all, and their places without that of sheaf itself. */
export const placesOf = (root: CommandNode): string[] =>
  allOf(root)
    .map(placeOf)
    .filter((place) => place !== '');

/** In single quotes, for shells that take everything but these for itself. */
export const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
