/** Completion in fish. */
import { allOf, type CommandNode } from '../../tree.ts';
import { optionsOf, placeOf, placesOf } from './words.ts';

/** In single quotes, which keep everything but themselves and backslashes. */
const quoted = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", `\\'`)}'`;

export function fishScript(root: CommandNode): string {
  const lines = allOf(root).flatMap((node) => {
    const when = `complete -c sheaf -n ${quoted(`__sheaf_is '${placeOf(node)}'`)}`;
    const commands = node.commands.map(
      ({ path, summary }) => `${when} -f -a ${path.at(-1)} -d ${quoted(summary)}`,
    );
    const options = optionsOf(node).map(({ long, help, takesValue, kind, words }) => {
      const name = `${when} -l ${long.replace(/^--/, '')} -d ${quoted(help)}`;
      if (!takesValue) return name;
      if (kind === 'file') return `${name} -r -F`;
      return words.length === 0 ? `${name} -x` : `${name} -x -a ${quoted(words.join(' '))}`;
    });
    const words =
      node.argumentWords.length > 0
        ? [`${when} -f -a ${quoted(node.argumentWords.join(' '))}`]
        : [];
    const files = node.argumentKind === 'file' ? [`${when} -F`] : [];
    return [...commands, ...words, ...options, ...files];
  });
  return `# Completion of sheaf in fish: sheaf completion fish > ~/.config/fish/completions/sheaf.fish
function __sheaf_is
    set -l at ''
    for word in (commandline -opc)[2..-1]
        switch "$at $word"
            case ${placesOf(root).map(quoted).join(' ')}
                set at "$at $word"
        end
    end
    test "$at" = "$argv[1]"
end
complete -c sheaf -f
${lines.join('\n')}
`;
}
