/** Secrets come from a prompt, from standard input or from a file: what stands in a command line others can read. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { UsageError } from '../errors.ts';
import type { World } from '../world.ts';
import { answered, asked, canAsk } from './ask.ts';

/** A secret that is needed: what people call it, and the file that holds it, if one was named. */
export interface NeededSecret {
  readonly name: string;
  readonly file: string | undefined;
}

/**
 * Secrets in the order that they are needed in: of a file its content, of others what a person types unseen, or a line of
 * standard input each.
 * @throws UsageError that says where they are to come from; Interrupted
 */
export async function readSecrets(
  world: Pick<World, 'stdin' | 'err' | 'cwd'>,
  needed: readonly NeededSecret[],
): Promise<string[]> {
  const isAsked = canAsk(world);
  const unnamed = needed.filter(({ file }) => file === undefined);
  const lines = isAsked || unnamed.length === 0 ? [] : await standardLines(world, unnamed);
  const secrets: string[] = [];
  for (const { name, file } of needed) {
    const secret =
      file !== undefined
        ? await readSecretFile(resolve(world.cwd, file), file)
        : isAsked
          ? await askFor(world, name)
          : (lines.shift() ?? '');
    if (secret === '') throw new UsageError(`${name} is empty. Give it anew.`);
    secrets.push(secret);
  }
  return secrets;
}

async function standardLines(
  { stdin }: Pick<World, 'stdin'>,
  needed: readonly NeededSecret[],
): Promise<string[]> {
  const names = needed.map(({ name }) => name).join(', ');
  const where = needed.length === 1 ? 'on standard input' : 'on standard input, a line each';
  if (stdin.isTTY) throw new UsageError(`Nobody can be asked for ${names} here: give it ${where}.`);
  const lines = withoutEnd(await text(stdin)).split(/\r?\n/);
  if (lines.length === needed.length) return lines;
  throw new UsageError(`Give ${names} ${where}: there are ${lines.length} lines.`);
}

/** A password manager's and an editor's last line break is no part of a secret. */
const withoutEnd = (content: string) => content.replace(/\r?\n$/, '');

async function readSecretFile(path: string, shown: string): Promise<string> {
  const content = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    const { code = '' } = error;
    throw ['ENOENT', 'EISDIR'].includes(code)
      ? new UsageError(`${shown}: there is no such file.`)
      : error;
  });
  return withoutEnd(content);
}

async function askFor(world: Pick<World, 'stdin' | 'err'>, name: string): Promise<string> {
  const { password } = await import('@clack/prompts');
  return answered(await password({ message: name, ...asked(world) }));
}
