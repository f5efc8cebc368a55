/** docs/cli.md, made of the tree of commands. */
import { SHARED_GROUP } from './command.ts';
import { allOf, type CommandNode, type OptionNode } from './tree.ts';

const INTRODUCTION = `# The command line

\`sheaf\` does from a terminal, or a script, what the API does: on this machine without an account, or against a
deployed stack. In a clone it is \`npx sheaf\`; \`npm link\` makes it \`sheaf\`.

\`\`\`
npx sheaf generate --template letter.docx --data people.xlsx --out letters.zip
\`\`\`

This page is made of the commands themselves (\`npm run cli-docs\`); \`sheaf help task retry\` shows the same of one.

## Which API

| what is given | what is used |
|---|---|
| \`--endpoint <url>\`, or \`SHEAF_API_URL\` | that API, with the key of \`--key-file\` or \`SHEAF_API_KEY\` |
| \`--profile <name>\`, or \`SHEAF_PROFILE\` | address and key that \`sheaf profile add\` kept |
| nothing | the [local cloud](local-cloud.md) that runs for this folder (\`.sheaf\`, or \`SHEAF_DATA_DIR\`); if none does, one is started, and stopped behind the last command that uses it |

Secrets come from files, from the environment, from standard input or from a prompt, never from an option.

## What is written where

Results go to standard output, and nothing else does. Progress, notes and errors go to standard error; \`--quiet\` leaves errors alone of them.
With \`--json\` each result is a line of JSON, as the API has it ([openapi.json](openapi.json)); an error is
\`{"type": "error", "exitCode", "message", "more"}\`. An error is one sentence with what to do; \`--verbose\` adds the problem document
and the id of the request, by which an operator finds it.

Colours are left out with \`--no-color\`, \`NO_COLOR\`, and wherever it is no terminal.

| exit code | means |
|---|---|
| 0 | all that was asked for was done |
| 1 | it failed |
| 2 | the command line, a setting or a named file is wrong; nothing was done |
| 3 | made in part: some documents failed |
| 4 | a check found errors |
| 130 | interrupted, by Ctrl+C or SIGTERM |

## Lines of \`sheaf generate --json\`

Each has a \`type\`, and but for the last the \`job\` that it is of.

| type | has |
|---|---|
| \`template\` | \`file\`, \`templateId\`, how many \`tags\`, \`warnings\` |
| \`data\` | \`file\`, \`dataSourceId\`, how many \`rows\` and \`columns\`, how it was \`found\`, \`warnings\` |
| \`task\` | \`taskId\`, \`documents\`, \`warnings\` |
| \`check\` | \`summary\` and \`findings\`; of \`--dry-run\` the whole \`check\` |
| \`progress\` | \`progress\`, as the API's event has it |
| \`document_failed\` | \`failure\`: \`row\`, \`template\`, \`code\`, \`detail\` |
| \`saving\`, \`saved\` | \`bytes\` so far; \`saved\`: \`what\`, \`path\`, \`bytes\`, \`documents\` |
| \`samples\` | of \`--sample\`: \`samples\`, and what was \`saved\` |
| \`note\` | \`text\` for people |
| \`ended\` | \`outcome\`: \`ending\`, counts, \`causes\` of failures, \`seconds\`; \`resumable\` when the command failed and not its task, which \`--resume\` goes on with |
| \`summary\` | \`exitCode\` and \`totals\`, the last line |
`;

const HIDDEN_IN_CELLS = /\|/g;
const cellText = (text: string) => text.replace(HIDDEN_IN_CELLS, '\\|');

const anchorOf = (title: string) =>
  title
    .toLowerCase()
    .replace(/[^\w -]/g, '')
    .replaceAll(' ', '-');
const titleOf = ({ path }: CommandNode) => ['sheaf', ...path].join(' ');

const optionLine = ({ flags, help, words }: OptionNode) =>
  `| \`${cellText(flags)}\` | ${cellText(help)}${words.length === 0 ? '' : `: ${words.join(', ')}`} |`;

function optionTables(options: readonly OptionNode[]): string[] {
  const own = options.filter(({ group }) => group !== SHARED_GROUP);
  const groups = [...new Set(own.map(({ group }) => group))];
  return groups.flatMap((group) => [
    ...(group === undefined ? [] : [`**${group.replace(/:$/, '')}**`, '']),
    '| option | |',
    '|---|---|',
    ...own.filter((option) => option.group === group).map(optionLine),
    '',
  ]);
}

function section(node: CommandNode): string[] {
  const args = node.argumentHelp.map(
    ({ name, help }) => `| \`${cellText(name)}\` | ${cellText(help)} |`,
  );
  return [
    `## ${titleOf(node)}`,
    '',
    node.description,
    '',
    '```',
    `${titleOf(node)} ${node.usage}`,
    '```',
    '',
    ...(args.length > 0 ? ['| argument | |', '|---|---|', ...args, ''] : []),
    ...optionTables(node.options),
    ...(node.examples.length > 0
      ? ['```sh', ...node.examples.flatMap(({ line, does }) => [`# ${does}`, line]), '```', '']
      : []),
  ];
}

/** The page. */
export function cliPage(root: CommandNode): string {
  const leaves = allOf(root).filter(
    ({ commands, path }) => commands.length === 0 && path.length > 0,
  );
  const shared = (leaves[0]?.options ?? []).filter(({ group }) => group === SHARED_GROUP);
  return [
    INTRODUCTION,
    '## Options of every command',
    '',
    '| option | |',
    '|---|---|',
    ...shared.map(optionLine),
    '',
    '## Commands',
    '',
    '| command | |',
    '|---|---|',
    ...leaves.map(
      (node) =>
        `| [\`${titleOf(node)}\`](#${anchorOf(titleOf(node))}) | ${cellText(node.summary)} |`,
    ),
    '',
    ...leaves.flatMap(section),
  ]
    .join('\n')
    .trimEnd()
    .concat('\n');
}
