/** Tables that take longer to read than there is time: told, instead of being tried again without end. */
import { INGEST_RESERVE_MS } from '../limits.ts';
import { SourceFault } from './sourceFault.ts';

/** How long whoever reads may go on, in ms. */
export type RemainingMs = () => number;

/**
 * The same bytes, as long as there is time.
 * @throws SourceFault when there is none left
 */
export async function* withinTime(
  source: AsyncIterable<Uint8Array>,
  remainingMs: RemainingMs,
): AsyncGenerator<Uint8Array, void, undefined> {
  let bytes = 0;
  for await (const piece of source) {
    if (remainingMs() < INGEST_RESERVE_MS) {
      throw new SourceFault({
        code: 'FILE_TOO_LARGE',
        detail: `Reading the file takes longer than there is time for: it ended after ${bytes} bytes. Split the table, or write it as CSV in UTF-8, which is read fastest.`,
      });
    }
    bytes += piece.length;
    yield piece;
  }
}
