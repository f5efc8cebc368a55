/** Completion in PowerShell, from 5.1 on. */
import { allOf, type CommandNode } from '../../tree.ts';
import { optionsOf, placeOf } from './words.ts';

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;
const list = (words: readonly string[]) => `@(${words.map(quoted).join(',')})`;

export function powershellScript(root: CommandNode): string {
  const entries = allOf(root).map((node) => {
    const commands = [...node.commands.map(({ path }) => path.at(-1) ?? ''), ...node.argumentWords];
    const options = optionsOf(node);
    const values = options
      .filter(({ takesValue, kind }) => takesValue && kind !== 'file')
      .map(({ long, words }) => `${quoted(long)}=${list(words)}`);
    return `  ${quoted(placeOf(node))} = @{ commands=${list(commands)}; options=${list(
      options.map(({ long }) => long),
    )}; values=@{${values.join('; ')}} }`;
  });
  return `# Completion of sheaf in PowerShell: sheaf completion powershell | Out-String | Invoke-Expression
$SheafCommands = @{
${entries.join('\n')}
}
Register-ArgumentCompleter -Native -CommandName sheaf -ScriptBlock {
  param($word, $ast, $cursor)
  $before = @($ast.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursor } | Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
  $at = ''
  foreach ($each in $before) { if ($SheafCommands.ContainsKey("$at $each")) { $at = "$at $each" } }
  $node = $SheafCommands[$at]
  $last = if ($before.Count -gt 0) { $before[-1] } else { '' }
  $found = if ($node.values.ContainsKey($last)) { $node.values[$last] }
    elseif ($word -like '-*') { $node.options }
    else { $node.commands }
  $found | Where-Object { $_ -like "$word*" } | ForEach-Object {
    [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
  }
}
`;
}
