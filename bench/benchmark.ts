/** What every benchmark is to the command line. */

export interface Benchmark {
  /** What it is called on the command line. */
  readonly name: string;
  /** Its arguments, as they are shown; empty when it takes none. */
  readonly arguments: string;
  /** What it measures, in a line. */
  readonly about: string;
  /** It takes so long that it runs only when it is named. */
  readonly onlyByName?: true;
  /**
   * Measures, shows the results and saves them.
   * @throws UsageError for arguments that it cannot take
   */
  run(args: readonly string[]): Promise<void>;
}

/** The command line asks for something that there is not; the message says what to write instead. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * A number of rows or documents from the command line.
 * @throws UsageError
 */
export function countFrom(text: string): number {
  const count = Number(text);
  if (Number.isSafeInteger(count) && count > 0) return count;
  throw new UsageError(`"${text}" is no number of rows. Write one such as 10000.`);
}
