/** The tree of commands: its examples, its documentation, and what shells complete of it. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bashScript } from '../../../cli/commands/completion/bash.ts';
import { fishScript } from '../../../cli/commands/completion/fish.ts';
import { powershellScript } from '../../../cli/commands/completion/powershell.ts';
import { zshScript } from '../../../cli/commands/completion/zsh.ts';
import { cliPage } from '../../../cli/docs.ts';
import { createProgram } from '../../../cli/program.ts';
import { allOf, treeOf } from '../../../cli/tree.ts';
import { shellWords } from '../../support/shellWords.ts';

const ULID = '01JDA4V5P0W8QZ6Y3M2T7R9KXC';

/** What the program does with a command line: whether it is to be run, and what is said of it otherwise. */
async function parse(args: readonly string[]): Promise<{ runs: boolean; said: string }> {
  let runs = false;
  let said = '';
  const screen = { write: (text: string) => (said += text) };
  const program = createProgram({ out: screen, err: screen }, async () => {
    runs = true;
  });
  await program.parseAsync([...args], { from: 'user' }).catch(() => undefined);
  return { runs, said };
}

const screen = { write: () => true };
const root = treeOf(createProgram({ out: screen, err: screen }, () => Promise.resolve()));
const leaves = allOf(root).filter(({ commands }) => commands.length === 0);

describe('every command', () => {
  it.each(leaves.map((node) => [node.path.join(' '), node] as const))(
    '%s has examples that can be run',
    async (_, { examples, path }) => {
      expect(examples.length).toBeGreaterThan(0);
      for (const { line } of examples) {
        const [program, ...args] = shellWords(line.replace(/ > \S+$/, '').replaceAll('…', ULID));
        expect(program).toBe('sheaf');
        expect(args.slice(0, path.length)).toEqual(path);
        expect(await parse(args)).toEqual({ runs: true, said: '' });
      }
    },
  );

  it.each(['--version', '-V'])('has the version of the program, told by %s', async (flag) => {
    expect((await parse([flag])).said).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it('shows its examples in its help', async () => {
    const { said } = await parse(['task', 'retry', '--help']);
    expect(said).toMatch(
      /Usage: sheaf task retry \[options\] <task>[^]*Examples:\n {2}sheaf task retry/,
    );
    expect(said.split('\n').every((line) => line.length <= 120)).toBe(true);
  });

  it.each([
    [['task', 'wach'], /Did you mean watch\?/],
    [['taks'], /Did you mean task\?/],
    [['task', 'list', '--statsu', 'running'], /Did you mean --status\?/],
    [['task', 'list', '--status', 'walking'], /Allowed choices are pending/],
    [['task', 'show'], /missing required argument 'task'[^]*See sheaf task show --help/],
  ])('%j is refused with what is near', async (args, message) => {
    const { runs, said } = await parse(args);
    expect(runs).toBe(false);
    expect(said).toMatch(message);
  });
});

describe('docs/cli.md', () => {
  it('is as the commands are: otherwise npm run cli-docs', () => {
    const path = join(import.meta.dirname, '..', '..', '..', 'docs', 'cli.md');
    expect(readFileSync(path, 'utf8')).toBe(cliPage(root));
  });
});

const has = (shell: string) => spawnSync(shell, ['--version']).error === undefined;
const unlessThere = (shell: string) => (has(shell) ? '' : ` (skipped: ${shell} is not here)`);

describe('completion', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'sheaf-completion-'));
    writeFileSync(join(folder, 'my letter.docx'), '');
    writeFileSync(join(folder, 'bash'), bashScript(root));
    writeFileSync(join(folder, 'zsh'), zshScript(root));
    writeFileSync(join(folder, 'fish'), fishScript(root));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const run = (shell: string, args: readonly string[]) => {
    const { stdout, stderr } = spawnSync(shell, args, { cwd: folder, encoding: 'utf8' });
    expect(stderr).toBe('');
    return stdout.split('\n').filter((line) => line !== '');
  };

  /** What is typed, and some of what is to be offered for it. */
  const TYPED = [
    [['ta'], ['task']],
    [
      ['task', 're'],
      ['resume', 'retry', 'results'],
    ],
    [['task', 'list', '--st'], ['--status']],
    [['task', 'list', '--status', 'ru'], ['running']],
    [['task', 'list', '--limit', ''], []],
    [['template', 'check', 'my'], ['my letter.docx']],
    [['generate', '--template', 'my'], ['my letter.docx']],
    [['completion', 'z'], ['zsh']],
  ] as const;

  it.skipIf(!has('bash')).each(TYPED)(
    `in bash, of %j is %j${unlessThere('bash')}`,
    (typed, offered) => {
      const words = ['sheaf', ...typed].map((word) => `'${word}'`).join(' ');
      const script = `. ./bash; COMP_WORDS=(${words}); COMP_CWORD=${typed.length}; _sheaf; printf '%s\\n' "\${COMPREPLY[@]}"`;
      expect(run('bash', ['--norc', '-c', script]).sort()).toEqual([...offered].sort());
    },
  );

  it.skipIf(!has('fish')).each(TYPED)(
    `in fish, of %j is %j${unlessThere('fish')}`,
    (typed, offered) => {
      const script = `source ./fish; complete -C "sheaf ${typed.join(' ')}"`;
      const found = run('fish', ['--no-config', '-c', script]).map((line) => line.split('\t')[0]);
      expect(found.map((word) => word?.replaceAll('\\', '')).sort()).toEqual([...offered].sort());
    },
  );

  it.skipIf(!has('zsh')).each(TYPED)(
    `in zsh, of %j is %j${unlessThere('zsh')}`,
    (typed, offered) => {
      // The parts of zsh that show what is offered, with those that print it.
      const stubs = `_describe() { print -l -- "\${(@P)2}" }; _files() { print -l -- *(N) }; . ./zsh`;
      const words = ['sheaf', ...typed].map((word) => `'${word}'`).join(' ');
      const script = `${stubs}; words=(${words}); CURRENT=${typed.length + 1}; _sheaf`;
      const prefix = typed.at(-1) ?? '';
      const found = run('zsh', ['-f', '-c', script])
        .map((line) => line.split(':')[0] ?? '')
        .filter((word) => word.startsWith(prefix));
      expect(found.sort()).toEqual([...offered].sort());
    },
  );

  it('in PowerShell knows every command and option', () => {
    const script = powershellScript(root);
    expect(script).toMatch(/' task list' = @\{ commands=@\(\); options=@\('--status',/);
    expect(script).toMatch(/'--status'=@\('pending',/);
    // Quotes and braces are closed.
    expect(script.match(/@\{/g)).toHaveLength(allOf(root).length * 2 + 1);
    expect((script.match(/'/g) ?? []).length % 2).toBe(0);
  });
});
