/** Completion in bash, from 3.2 on. */
import { allOf, type CommandNode } from '../../tree.ts';
import { optionsOf, placeOf, placesOf, quoted } from './words.ts';

export function bashScript(root: CommandNode): string {
  const nodes = allOf(root);
  const values = nodes.flatMap((node) =>
    optionsOf(node)
      .filter(({ takesValue }) => takesValue)
      .map(({ long, kind, words }) => {
        const key = quoted(`${placeOf(node)}:${long}`);
        if (kind === 'file') return `    ${key}) _sheaf_files "$cur"; return ;;`;
        return `    ${key}) _sheaf_words ${quoted(words.join(' '))} "$cur"; return ;;`;
      }),
  );
  const own = nodes.map((node) => {
    const key = quoted(placeOf(node));
    const options = optionsOf(node).map(({ long }) => long);
    const commands = [...node.commands.map(({ path }) => path.at(-1)), ...node.argumentWords];
    const rest =
      node.argumentKind === 'file'
        ? '_sheaf_files "$cur"'
        : `_sheaf_words ${quoted(commands.join(' '))} "$cur"`;
    return `    ${key})
      case "$cur" in
        -*) _sheaf_words ${quoted(options.join(' '))} "$cur" ;;
        *) ${rest} ;;
      esac ;;`;
  });
  return `# Completion of sheaf in bash: eval "$(sheaf completion bash)"
_sheaf_words() {
  COMPREPLY=($(compgen -W "$1" -- "$2"))
}
_sheaf_files() {
  local IFS=$'\\n'
  compopt -o filenames 2>/dev/null
  COMPREPLY=($(compgen -f -- "$1"))
}
_sheaf() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" at='' i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$at \${COMP_WORDS[i]}" in
      ${placesOf(root).map(quoted).join('|')}) at="$at \${COMP_WORDS[i]}" ;;
    esac
  done
  case "$at:$prev" in
${values.join('\n')}
  esac
  case "$at" in
${own.join('\n')}
  esac
}
complete -F _sheaf sheaf
`;
}
