/**
 * What row steps gave for rows, in the order of rows, by what was asked. An answer that was given once counts for as long as
 * the same is asked; of failures, and of what was sent and is waited for, the newest counts.
 */
import { runLanes } from '../boundedWork.ts';
import { everyItem } from '../everyItem.ts';
import { answersFrom, answersPrefix, answersUpTo, tableKeys } from '../keys.ts';
import { CALL_SHARD_ROWS, READS_AT_ONCE } from '../limits.ts';
import type { Ports } from '../ports.ts';
import type { TaskItem } from '../schemas/items.ts';
import {
  AnswersObjectSchema,
  type AnswerLine,
  type AnswersObject,
} from '../schemas/stepAnswers.ts';
import { readAnswerLines, type FilePlace } from './answersObject.ts';

/** What is known of one request of a step for a row. */
export interface StepAnswer extends Omit<AnswerLine, 'file'> {
  readonly file?: FilePlace;
  /** The later, the higher. */
  readonly rank: number;
}

/** By answerKey(). */
export type RowAnswers = ReadonlyMap<string, StepAnswer>;

export const NO_ANSWERS: RowAnswers = new Map();

/** @param request its fingerprint */
export const answerKey = (step: string, request: string): string => `${step} ${request}`;

/** Whether a step gave something: it did not fail, and is not waited for. */
const isGiven = ({ failure, sentAt }: Pick<AnswerLine, 'failure' | 'sentAt'>) =>
  !failure && sentAt === undefined;

/** What a step gave last, whatever it was asked; undefined when it gave nothing. */
export function lastAnswer(answers: RowAnswers, step: string): StepAnswer | undefined {
  let last: StepAnswer | undefined;
  for (const answer of answers.values()) {
    const isLater = answer.step === step && isGiven(answer) && answer.rank >= (last?.rank ?? 0);
    if (isLater) last = answer;
  }
  return last;
}

export interface AnswersReader {
  /**
   * The answers of these rows; rows are asked for in their order, and those before are forgotten.
   * @throws ObjectMissing
   */
  rows(numbers: readonly number[]): Promise<(row: number) => RowAnswers>;
}

/** Rows by their numbers in the task. */
export interface RowNumbers {
  readonly first: number;
  readonly last: number;
}

/** Objects of answers that may have some of these rows, the oldest first. */
async function objectsOf(
  ports: Pick<Ports, 'table'>,
  task: TaskItem,
  { first, last }: RowNumbers,
): Promise<AnswersObject[]> {
  const objects: AnswersObject[] = [];
  const { pk: partition } = tableKeys.task(task.taskId);
  for (const layer of [undefined, ...(task.retries ?? []).map(({ run }) => run)]) {
    const range =
      layer === undefined
        ? {
            from: answersFrom(layer, Math.max(1, first - CALL_SHARD_ROWS)),
            to: answersUpTo(layer, last),
          }
        : {};
    const query = { partition, prefix: answersPrefix(layer), ...range, limit: 1_000 };
    for await (const item of everyItem(ports, query)) {
      const object = AnswersObjectSchema.parse(item);
      if (object.firstRow <= last && object.lastRow >= first) objects.push(object);
    }
  }
  return objects;
}

/** @param range no others are asked for */
export async function createAnswersReader(
  ports: Pick<Ports, 'table' | 'objects'>,
  task: TaskItem,
  range: RowNumbers,
): Promise<AnswersReader> {
  let left = (await objectsOf(ports, task, range)).map((object, rank) => ({ object, rank }));
  const known = new Map<number, Map<string, StepAnswer>>();

  function keep(rank: number, { key, linesBytes }: AnswersObject, line: AnswerLine): void {
    const { file, ...rest } = line;
    const answers = known.get(line.row) ?? new Map<string, StepAnswer>();
    known.set(line.row, answers);
    const name = answerKey(line.step, line.request);
    const before = answers.get(name);
    const isLess = before && isGiven(before) && !isGiven(line);
    const isOlder =
      before && (before.run > line.run || (before.run === line.run && before.rank > rank));
    if (isLess || (isOlder && isGiven(before) === isGiven(line))) return;
    const place = file && { ...file, key, offset: linesBytes + file.at };
    answers.set(name, { ...rest, rank, ...(place && { file: place }) });
  }

  return {
    async rows(numbers) {
      const [first = 0, last = 0] = [numbers[0], numbers.at(-1)];
      for (const row of known.keys()) if (row < first) known.delete(row);
      const wanted = new Set(numbers);
      const isWanted = ({ firstRow, lastRow }: AnswersObject) =>
        numbers.some((row) => row >= firstRow && row <= lastRow);
      const read = left.filter(({ object }) => object.firstRow <= last && isWanted(object));
      // What has rows beyond is read again for those, unless they are few: rows of a retry may lie far apart.
      const isNear = ({ lastRow }: AnswersObject) => lastRow <= last + CALL_SHARD_ROWS;
      const done = new Set(read.filter(({ object }) => isNear(object)));
      left = left.filter((each) => !done.has(each) && each.object.lastRow >= first);
      await runLanes([
        {
          atOnce: READS_AT_ONCE,
          work: read.map((each) => async () => {
            for (const line of await readAnswerLines(ports, each.object)) {
              const isKept = done.has(each) ? line.row >= first : wanted.has(line.row);
              if (isKept) keep(each.rank, each.object, line);
            }
          }),
        },
      ]);
      return (row) => known.get(row) ?? NO_ANSWERS;
    },
  };
}
