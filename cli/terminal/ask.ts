/** Questions to a person at a terminal. */
import type { Readable, Writable } from 'node:stream';
import { Interrupted, UsageError } from '../errors.ts';
import type { World } from '../world.ts';

/** Whether somebody is there to answer. */
export const canAsk = ({ stdin, err }: Pick<World, 'stdin' | 'err'>): boolean =>
  stdin.isTTY && err.isTTY === true;

/** Where questions stand and answers come from: standard output is for results. */
export const asked = ({ stdin, err }: Pick<World, 'stdin' | 'err'>) => ({
  input: stdin as Readable,
  output: err as unknown as Writable,
});

/** @throws Interrupted when the question was left with Ctrl+C, for which the library gives a symbol */
export function answered<T>(answer: T): Exclude<T, symbol> {
  if (typeof answer === 'symbol') throw new Interrupted('Nothing was done.');
  return answer as Exclude<T, symbol>;
}

/**
 * Asks before something is lost, unless `yes` says so already.
 * @throws UsageError where nobody can be asked; Interrupted when the answer is no
 */
export async function requireYes(
  world: Pick<World, 'stdin' | 'err'>,
  yes: boolean | undefined,
  question: string,
): Promise<void> {
  if (yes === true) return;
  if (!canAsk(world)) throw new UsageError(`${question} Nobody can be asked here: add --yes.`);
  // Loaded when somebody is asked: other commands begin without it.
  const { confirm } = await import('@clack/prompts');
  const answer = await confirm({ message: question, initialValue: false, ...asked(world) });
  if (!answered(answer)) throw new Interrupted('Nothing was done.');
}
