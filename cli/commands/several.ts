/** Doing the same with each of several things. */
import { ApiError } from '../../client/errors.ts';
import type { Context } from '../context.ts';
import { explain } from '../errors.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { plain } from '../terminal/screen.ts';

/** Whether a refusal is about the one thing alone; a key that is not taken ends everything. */
const isAboutOne = (error: unknown): boolean =>
  error instanceof ApiError && [404, 409, 422].includes(error.status);

/**
 * Does `work` for each id in turn; what is refused for one is told, and the others are done.
 * @returns the code to end with
 * @throws what `work` throws for the only one, and what is not about one of them
 */
export async function forEachId(
  context: Context,
  ids: readonly string[],
  work: (id: string) => Promise<void>,
): Promise<ExitCode> {
  let code: ExitCode = EXIT.done;
  for (const id of ids) {
    try {
      await work(id);
    } catch (error) {
      if (ids.length === 1 || !isAboutOne(error)) throw error;
      const { message, more } = explain(error);
      context.err.write(`${id}: ${plain(message)}\n`);
      if (context.options.json === true) {
        context.tell({ type: 'error', id, exitCode: EXIT.failed, message, more });
      }
      code = EXIT.failed;
    }
  }
  return code;
}
