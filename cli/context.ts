/** What every command works with: where it may write, whom it talks to, and when it is to stop. */
import type { Target } from './target/target.ts';
import type { SharedOptions, World } from './world.ts';

/** How Ctrl+C reaches a command. */
export interface Interrupts {
  /** Aborted by the first one, unless somebody handles them. */
  readonly signal: AbortSignal;
  /**
   * Has `handler` told of each, with its number from 1, instead of aborting. Behind the `last` one the
   * process ends at once, whatever is under way.
   */
  readonly handle: (handler: (nth: number) => void, last: number) => void;
}

export interface Context extends World {
  readonly options: SharedOptions;
  readonly interrupts: Interrupts;
  /** Whether colours may be shown, on standard error and on standard output. */
  readonly colour: boolean;
  readonly outColour: boolean;
  /**
   * The API, which is looked for once; the local cloud is started if need be.
   * @throws CliError
   */
  readonly target: () => Promise<Target>;
  /** A line for people, unless --quiet. */
  readonly note: (text: string) => void;
  /** A result for people. */
  readonly print: (text: string) => void;
  /** A result for programs: a line of JSON. */
  readonly tell: (value: unknown) => void;
  /** From now on the work goes on when nobody reads standard output any more; otherwise it ends. */
  readonly outliveOutput: () => void;
}
