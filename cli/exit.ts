/** What the process ends with; scripts go by it (docs/cli.md). */
export const EXIT = {
  /** Everything that was asked for was done. */
  done: 0,
  failed: 1,
  /** The command line, a setting or a file that it names is wrong. */
  usage: 2,
  /** Some documents were made, others were not. */
  inPart: 3,
  /** A check found errors. */
  faulty: 4,
  /** By Ctrl+C or SIGTERM. */
  interrupted: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
