/**
 * What a service was asked for a row, and what the row has of it: work is asked for under one key, and under another one
 * only after the first has failed for good; the first answer counts, whatever comes behind it.
 */

/** What a service said, to a request or by a callback. */
export interface Answered {
  readonly said: string;
  /** When it was sent first. */
  readonly sentAt: number;
  /** When the service knew that it was taken; undefined: never. */
  readonly takenAt: number | undefined;
}

/** What a service was asked under one key. */
export interface AskedWork {
  readonly askedAt: number;
  readonly answers: readonly Answered[];
}

export interface CalledRow {
  readonly row: number;
  /** In the order in which the service was asked. */
  readonly asked: readonly AskedWork[];
  /** How long a callback may take, in ms; undefined: the answer is that to the request. */
  readonly callbackMs: number | undefined;
  /** Whether a document of it failed because no callback had come in time. */
  readonly timedOut: boolean;
  /** Whether a document was made of it; undefined where nobody knows, as it may have been taken over. */
  readonly isMade: boolean | undefined;
  /** What results tell that the service said: null for nothing; undefined when nobody looked. */
  readonly told: string | null | undefined;
}

/** Answers of which each may have been the first that was taken: nothing had been taken before it was sent. */
function possibleFirsts(answers: readonly Answered[]): Answered[] {
  const takenAt = answers.map((answer) => answer.takenAt ?? Infinity);
  const first = Math.min(...takenAt);
  return answers.filter(({ sentAt }) => sentAt <= first);
}

/** @param apartMs no two clocks differ by more */
export function serviceViolations(row: CalledRow, apartMs: number): string[] {
  return [
    ...keyViolations(row, apartMs),
    ...answerViolations(row),
    ...failureViolations(row, apartMs),
  ].map((text) => `Row ${row.row} ${text}`);
}

function keyViolations({ asked, callbackMs }: CalledRow, apartMs: number): string[] {
  if (callbackMs === undefined) {
    return asked.length > 1 ? [`was sent under ${asked.length} keys.`] : [];
  }
  return asked.slice(1).flatMap(({ askedAt }, i) => {
    const before = asked[i];
    if (!before) return [];
    const until = before.askedAt + callbackMs - apartMs;
    if (askedAt < until) return ['was sent under another key before its time was over.'];
    const inTime = before.answers.some(({ takenAt = Infinity }) => takenAt < until);
    return inTime ? ['was sent under another key, and had been answered.'] : [];
  });
}

function answerViolations({ asked, isMade, told }: CalledRow): string[] {
  if (isMade && asked.length === 0) return ['was made, and its service was never asked.'];
  if (told === undefined) return [];
  if (told === null) return isMade ? ['was made, and results know of no answer.'] : [];
  const firsts = possibleFirsts(asked.at(-1)?.answers ?? []);
  return firsts.some(({ said }) => said === told)
    ? []
    : ['has an answer in the results that was not the first.'];
}

/** What was called back in time is no failure. */
function failureViolations(row: CalledRow, apartMs: number): string[] {
  return row.timedOut && wasAnswered(row, apartMs)
    ? ['failed as if nobody had called back, and was called back in time.']
    : [];
}

/** Whether its service has answered what it was asked last, beyond doubt in time. */
export function wasAnswered(
  { asked, callbackMs }: Pick<CalledRow, 'asked' | 'callbackMs'>,
  apartMs: number,
): boolean {
  const last = asked.at(-1);
  if (!last) return false;
  if (callbackMs === undefined) return true;
  const until = last.askedAt + callbackMs - apartMs;
  return last.answers.some(({ takenAt = Infinity }) => takenAt < until);
}
