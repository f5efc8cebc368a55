/** The rows of an attempt whose services were sent their requests, and have not called back. */
import { runLanes } from '../boundedWork.ts';
import type { CallbackPlace } from '../keys.ts';
import {
  CALLBACK_READS_AT_ONCE,
  CALLBACK_ROUND_SECONDS,
  CALLBACK_ROUNDS,
  CALLBACKS_TOGETHER_MS,
} from '../limits.ts';
import type { Ports } from '../ports.ts';
import type { WholeAnswer } from '../rowSteps/response.ts';
import { findCallback } from './callbackBodies.ts';
import type { WaitingRows } from './waits.ts';

/** What a row waits for. */
export interface Waiting {
  readonly place: CallbackPlace;
  /** Until when, in ms since 1970. */
  readonly until: number;
  /** Goes on with the row: with what came, or without. */
  readonly goOn: (came: WholeAnswer | undefined) => void;
}

export function createWaitingRows(ports: Pick<Ports, 'objects' | 'clock'>) {
  let rows: Waiting[] = [];
  return {
    add: (row: Waiting) => void rows.push(row),
    /** Undefined when there are none. */
    get all(): WaitingRows | undefined {
      const numbers = rows.map(({ place }) => place.row);
      const [fromRow, toRow] = [numbers.reduce(least, Infinity), numbers.reduce(most, 0)];
      return rows.length === 0 ? undefined : { fromRow, toRow, rows: numbers };
    },
    /**
     * Goes on with the rows whose callbacks came, or whose time is over; how many.
     * @param room comes when there is room for one more row under way
     */
    async look(room: () => Promise<void>): Promise<number> {
      const left: Waiting[] = [];
      const looked = rows;
      rows = [];
      await runLanes([
        {
          atOnce: CALLBACK_READS_AT_ONCE,
          work: looked.map((row) => async () => {
            // Before it is read: what comes in time counts.
            const isOver = ports.clock.now() >= row.until;
            const came = await findCallback(ports, row.place);
            if (came || isOver) {
              await room();
              row.goOn(came);
            } else left.push(row);
          }),
        },
      ]);
      rows.push(...left);
      return looked.length - left.length;
    },
    /**
     * For how long there is nothing to do unless callbacks come, in seconds: until the time of the first is over, and of those
     * soon after it. No longer than a round of waiting, which is the longer, the longer there is to wait.
     */
    get waitSeconds(): number {
      const times = rows.map(({ until }) => until);
      const [first, last] = [times.reduce(least, Infinity), times.reduce(most, 0)];
      const until = Math.min(last, first + CALLBACKS_TOGETHER_MS);
      const seconds = Math.ceil((until - ports.clock.now()) / 1_000) + 1;
      const round = Math.max(CALLBACK_ROUND_SECONDS, seconds / CALLBACK_ROUNDS);
      return Math.ceil(Math.min(Math.max(1, seconds), round));
    },
  };
}

const least = (a: number, b: number) => Math.min(a, b);
const most = (a: number, b: number) => Math.max(a, b);
