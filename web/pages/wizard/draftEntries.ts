/** Entries of the browser's history, and whose draft they show. */
import * as z from 'zod';

export const MarkSchema = z.object({ draft: z.string(), entry: z.string() });
/** Whose an entry is, and which. */
type Mark = z.infer<typeof MarkSchema>;

/** The draft that was shown last. */
export interface Known extends Mark {
  /** Its parameters, but for the step. */
  readonly choices: string;
}

/**
 * The draft at an entry.
 * @param mark of the entry; undefined for one that is new
 * @param choices in its address
 * @param newId gives ids
 */
export function arriveAt(
  known: Known | undefined,
  mark: Mark | undefined,
  choices: string,
  newId: () => string,
): Known {
  if (mark === undefined) {
    // A link to a step has the draft as it is; another address is another draft.
    const isSame = known !== undefined && known.choices === choices;
    return { draft: isSame ? known.draft : newId(), entry: newId(), choices };
  }
  const isBack = known?.draft === mark.draft && known.entry !== mark.entry;
  return { ...mark, choices: isBack ? known.choices : choices };
}
