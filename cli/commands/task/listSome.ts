/** Long lists: all of them for programs, the first of them for people. */
import type { Context } from '../../context.ts';

/** What people see at once, unless they say how many. */
const SHOWN = 100;

/**
 * Prints what a list holds.
 * @param limit how many at most; undefined: all for programs, SHOWN for people
 */
export async function listSome<T>(
  context: Context,
  elements: AsyncIterable<T>,
  limit: number | undefined,
  words: {
    readonly none: string;
    readonly more: string;
    readonly lines: (some: readonly T[]) => string[];
  },
): Promise<void> {
  const isJson = context.options.json === true;
  const most = limit ?? (isJson ? Infinity : SHOWN);
  const shown: T[] = [];
  let told = 0;
  let hasMore = false;
  for await (const element of elements) {
    if ((hasMore = told === most)) break;
    told++;
    if (isJson) context.tell(element);
    else shown.push(element);
  }
  if (isJson) return;
  if (told === 0) return context.note(words.none);
  for (const line of words.lines(shown)) context.print(line);
  if (hasMore && limit === undefined) context.note(words.more);
}
