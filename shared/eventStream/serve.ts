/** The time of a stream: when it looks, when it says that it is still there, and when it ends. */
import {
  EVENT_LOOK_MAX_MS,
  EVENT_LOOK_MS,
  EVENT_STREAM_COMMENT_MS,
  EVENT_STREAM_MAX_MS,
  EVENT_STREAM_MS,
  EVENT_STREAM_RETRY_MS,
  OWNER_LOOK_MAX_MS,
  OWNER_LOOK_MS,
  OWNER_LOOK_PER_TASK_MS,
} from '../limits.ts';
import type { Ports } from '../ports.ts';
import { COMMENT, frameText, retryText } from './frames.ts';
import type { OwnerReader } from './ownerReader.ts';
import type { Look } from './taskReader.ts';

/** How far two looks lie apart, in ms: after one that found something, and at the most. */
export interface Pace {
  readonly soonMs: number;
  readonly lateMs: number;
}

export interface Served {
  /** Sent before anything else. */
  readonly first: string;
  readonly reader: { look(): Promise<Look> };
  readonly pace: () => Pace;
}

/** Each wait is so much longer than the one before, while nothing happens. */
const SLOWING = 1.5;
/** Of the time that its function has, a stream leaves this much for what is still to be sent, in ms. */
const RESERVE_MS = 10_000;

export const paceOfTask = (): Pace => ({ soonMs: EVENT_LOOK_MS, lateMs: EVENT_LOOK_MAX_MS });

/** The more tasks there are to read, the further apart. */
export const paceOfOwner = (reader: Pick<OwnerReader, 'reads'>) => (): Pace => ({
  soonMs: Math.max(OWNER_LOOK_MS, reader.reads * OWNER_LOOK_PER_TASK_MS),
  lateMs: Math.max(OWNER_LOOK_MAX_MS, reader.reads * OWNER_LOOK_PER_TASK_MS),
});

/**
 * The text of a stream, piece by piece. It looks only when the piece before was taken, so whoever reads
 * slowly gets less progress, and nothing piles up.
 * @param leave called at the end, however it comes
 */
export async function* serve(
  { clock, random }: Pick<Ports, 'clock' | 'random'>,
  { first, reader, pace }: Served,
  { remainingMs, leave }: { remainingMs: number; leave: () => Promise<void> },
): AsyncGenerator<string, void, undefined> {
  try {
    const begunAt = clock.monotonicMs();
    const [chance = 0] = random.bytes(1);
    const lasts = EVENT_STREAM_MS + (chance / 256) * (EVENT_STREAM_MAX_MS - EVENT_STREAM_MS);
    const endsAt = begunAt + Math.min(lasts, remainingMs - RESERVE_MS);
    let commentAt = begunAt + EVENT_STREAM_COMMENT_MS;
    let waitMs = 0;
    yield retryText(EVENT_STREAM_RETRY_MS) + first;
    for (;;) {
      const { frames, isOver } = await reader.look();
      if (frames.length > 0) yield frames.map(frameText).join('');
      if (isOver) return;
      const { soonMs, lateMs } = pace();
      waitMs = frames.length > 0 ? soonMs : Math.min(lateMs, Math.max(soonMs, waitMs * SLOWING));
      const lookAt = clock.monotonicMs() + waitMs;
      for (let now = clock.monotonicMs(); now < lookAt; now = clock.monotonicMs()) {
        if (now >= endsAt) return;
        if (now >= commentAt) {
          yield COMMENT;
          commentAt = now + EVENT_STREAM_COMMENT_MS;
        }
        await clock.sleep(Math.ceil(Math.min(lookAt, endsAt, commentAt) - now));
      }
      if (clock.monotonicMs() >= endsAt) return;
    }
  } finally {
    await leave();
  }
}
