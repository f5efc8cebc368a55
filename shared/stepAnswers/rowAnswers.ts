/**
 * What row steps gave for rows, in the order of rows. Of a step that was asked more than once for a row, the newest
 * answer counts: that of the newest retry, and of that the last.
 */
import { READS_AT_ONCE } from '../limits.ts';
import { runLanes } from '../boundedWork.ts';
import type { Ports } from '../ports.ts';
import type { TaskItem } from '../schemas/items.ts';
import type { AnswerLine, AnswersObject } from '../schemas/stepAnswers.ts';
import { everyCallShard } from '../tasks/taskStore.ts';
import { readAnswerLines, type FilePlace } from './answersObject.ts';

/** What is known of one step for a row. */
export interface StepAnswer extends Omit<AnswerLine, 'file'> {
  readonly file?: FilePlace;
}

/** By step. */
export type RowAnswers = ReadonlyMap<string, StepAnswer>;

export const NO_ANSWERS: RowAnswers = new Map();

/** A line, and how new it is. */
interface Ranked {
  readonly rank: number;
  readonly answer: StepAnswer;
}

export interface AnswersReader {
  /**
   * The answers of these rows, by row; to be asked for in the order of rows. What is before `first` is
   * forgotten.
   * @throws ObjectMissing
   */
  rows(first: number, last: number): Promise<(row: number) => RowAnswers>;
}

/** Objects of answers, the oldest first. */
async function objectsOf(
  ports: Pick<Ports, 'table'>,
  task: TaskItem,
  first: number,
  last: number,
): Promise<AnswersObject[]> {
  const objects: AnswersObject[] = [];
  for (const layer of [undefined, ...(task.retries ?? []).map(({ run }) => run)]) {
    for await (const { answers = [] } of everyCallShard(ports, task.taskId, layer)) {
      objects.push(...answers.filter((each) => each.firstRow <= last && each.lastRow >= first));
    }
  }
  return objects;
}

/** @param range of rows by their numbers in the task: no others are asked for */
export async function createAnswersReader(
  ports: Pick<Ports, 'table' | 'objects'>,
  task: TaskItem,
  range: { readonly first: number; readonly last: number },
): Promise<AnswersReader> {
  const left = Array.from((await objectsOf(ports, task, range.first, range.last)).entries());
  const known = new Map<number, Map<string, Ranked>>();

  function keep(rank: number, { key, linesBytes }: AnswersObject, line: AnswerLine): void {
    const { file, ...rest } = line;
    const place = file && {
      key,
      offset: linesBytes + file.at,
      bytes: file.bytes,
      extension: file.extension,
    };
    const steps = known.get(line.row) ?? new Map<string, Ranked>();
    known.set(line.row, steps);
    const before = steps.get(line.step);
    if (before && before.rank > rank) return;
    steps.set(line.step, { rank, answer: { ...rest, ...(place && { file: place }) } });
  }

  return {
    async rows(first, last) {
      for (const row of known.keys()) if (row < first) known.delete(row);
      const wanted = left.filter(([, { firstRow }]) => firstRow <= last);
      for (const each of wanted) left.splice(left.indexOf(each), 1);
      await runLanes([
        {
          atOnce: READS_AT_ONCE,
          work: wanted.map(([rank, object]) => async () => {
            for (const line of await readAnswerLines(ports, object)) {
              if (line.row >= first) keep(rank, object, line);
            }
          }),
        },
      ]);
      return (row) => {
        const steps = known.get(row);
        return steps
          ? new Map(Array.from(steps, ([step, { answer }]) => [step, answer]))
          : NO_ANSWERS;
      };
    },
  };
}
