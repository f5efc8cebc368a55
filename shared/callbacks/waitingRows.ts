/** The rows of an attempt whose services were sent their requests, and have not called back. */
import { runLanes } from '../boundedWork.ts';
import type { CallbackPlace } from '../keys.ts';
import { CALLBACK_READS_AT_ONCE, CALLBACK_ROUND_SECONDS } from '../limits.ts';
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
      return rows.length === 0 ? undefined : { fromRow, toRow, count: rows.length };
    },
    /** Goes on with the rows whose callbacks came, or whose time is over; how many. */
    async look(): Promise<number> {
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
            if (came || isOver) row.goOn(came);
            else left.push(row);
          }),
        },
      ]);
      rows.push(...left);
      return looked.length - left.length;
    },
    /** For how long there is nothing to do unless callbacks come, in seconds; no longer than a round of waiting. */
    get waitSeconds(): number {
      const until = rows.reduce((last, row) => Math.max(last, row.until), 0);
      const seconds = Math.ceil((until - ports.clock.now()) / 1_000) + 1;
      return Math.min(Math.max(1, seconds), CALLBACK_ROUND_SECONDS);
    },
  };
}

const least = (a: number, b: number) => Math.min(a, b);
const most = (a: number, b: number) => Math.max(a, b);
