/** Completion in zsh. */
import { allOf, type CommandNode } from '../../tree.ts';
import { optionsOf, placeOf, placesOf, quoted } from './words.ts';

/** A word with what it means, as _describe takes them. */
const described = (word: string, help: string) =>
  quoted(`${word.replaceAll(':', '\\:')}:${help.replaceAll(':', '\\:')}`);

export function zshScript(root: CommandNode): string {
  const nodes = allOf(root);
  const values = nodes.flatMap((node) =>
    optionsOf(node)
      .filter(({ takesValue }) => takesValue)
      .map(({ long, kind, words }) => {
        const key = quoted(`${placeOf(node)}:${long}`);
        if (kind === 'file') return `    ${key}) _files; return ;;`;
        return words.length === 0
          ? `    ${key}) return ;;`
          : `    ${key}) found=(${words.map(quoted).join(' ')}); _describe value found; return ;;`;
      }),
  );
  const own = nodes.map((node) => {
    const options = optionsOf(node).map(({ long, help }) => described(long, help));
    const commands = [
      ...node.commands.map(({ path, summary }) => described(path.at(-1) ?? '', summary)),
      ...node.argumentWords.map(quoted),
    ];
    const rest =
      node.argumentKind === 'file'
        ? '_files'
        : `found=(${commands.join(' ')}); _describe command found`;
    return `    ${quoted(placeOf(node))})
      if [[ "\${words[CURRENT]}" == -* ]]; then
        found=(${options.join(' ')}); _describe option found
      else
        ${rest}
      fi ;;`;
  });
  return `#compdef sheaf
# Completion of sheaf in zsh: sheaf completion zsh > a file _sheaf in a folder of fpath
_sheaf() {
  local at='' i
  local -a found
  for ((i = 2; i < CURRENT; i++)); do
    case "$at \${words[i]}" in
      ${placesOf(root).map(quoted).join('|')}) at="$at \${words[i]}" ;;
    esac
  done
  case "$at:\${words[CURRENT-1]}" in
${values.join('\n')}
  esac
  case "$at" in
${own.join('\n')}
  esac
}
if [[ "\${funcstack[1]}" == _sheaf ]]; then
  _sheaf "$@"
elif (( \${+functions[compdef]} )); then
  compdef _sheaf sheaf
fi
`;
}
