/** What is wrong with an uploaded table: found while it is read, shown to who uploaded it. */
import { MAX_COUNTED_PROBLEMS, MAX_LISTED_PROBLEMS } from '../limits.ts';
import type { DataProblemCode } from '../problems.ts';
import type { DataProblem } from '../schemas/common.ts';

/** A problem as it is found: with its code. */
export type FoundProblem = DataProblem & { readonly code: DataProblemCode };

/** What is wrong with a row or a name, before its place is known. */
export interface Finding {
  readonly code: DataProblemCode;
  /** A sentence, or the end of one that begins with the place. */
  readonly detail: string;
}

/**
 * Faults behind which a table cannot be read on. A fault without a line happened where the reader
 * was at that moment.
 */
export class SourceFault extends Error {
  readonly problems: readonly FoundProblem[];

  constructor(...problems: FoundProblem[]) {
    super(problems[0]?.detail);
    this.name = 'SourceFault';
    this.problems = problems;
  }
}

/** The faults of a table: the first are listed, the others only counted. */
export interface ProblemList {
  readonly listed: readonly FoundProblem[];
  readonly count: number;
  /** @throws SourceFault when there are so many that it is not worth to read on */
  add(problem: FoundProblem): void;
}

/** A list of no problems yet. */
export function createProblemList(): ProblemList {
  const listed: FoundProblem[] = [];
  let count = 0;
  return {
    listed,
    get count() {
      return count;
    },
    add(problem) {
      if (count < MAX_LISTED_PROBLEMS) listed.push(problem);
      count++;
      if (count === MAX_COUNTED_PROBLEMS) {
        const { code, line } = problem;
        const detail = `There are ${count} problems and more: what follows was not read.`;
        throw new SourceFault({ code, ...(line !== undefined && { line }), detail });
      }
    },
  };
}

/** Adds the problems of one list to another. @throws SourceFault when they are too many */
export function addAll(to: ProblemList, { listed, count }: ProblemList): void {
  for (const problem of listed) to.add(problem);
  // Those that are only counted stand behind a full list.
  const last = listed.at(-1);
  for (let i = listed.length; last && i < count; i++) to.add(last);
}
