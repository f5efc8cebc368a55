/** Files of the bucket that should be there and were removed behind our back. */
import { ObjectMissing } from './ports.ts';
import { Problem } from './problems.ts';

/**
 * What `read` gives.
 * @param whose such as "of the task", for the message
 * @throws Problem DOWNLOAD_FAILED when a file is missing
 */
export async function readingFiles<T>(whose: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw error instanceof ObjectMissing ? filesGone(whose, error) : error;
  }
}

/** Says that what was there is there no more. */
export const filesGone = (whose: string, cause?: unknown) =>
  new Problem(
    'DOWNLOAD_FAILED',
    `Files ${whose} are not in the bucket any more: they were removed there. Make them anew, or ask the operator.`,
    { cause },
  );
