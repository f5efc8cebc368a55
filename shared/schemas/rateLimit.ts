/** How fast a connection may be called, and where its one pace stands. */
import * as z from 'zod';

const MAX_PER_SECOND = 10_000;
const MAX_BURST = 10_000;
const MAX_CONCURRENT = 10_000;

export const RateLimitSchema = z.strictObject({
  perSecond: z.number().min(0.001).max(MAX_PER_SECOND).meta({
    description: 'Calls a second, over all tasks; 0.5 is one every two seconds',
  }),
  burst: z.int().min(1).max(MAX_BURST).optional().meta({
    description:
      'Calls that may follow upon each other at once after a rest; default: of a tenth of a second',
  }),
  concurrent: z.int().min(1).max(MAX_CONCURRENT).default(100).meta({
    description: 'Calls that may be under way at the same time',
  }),
});
export type RateLimit = z.infer<typeof RateLimitSchema>;

/** In ms of the pace's own time (rateLimit/paceTime.ts), which is nobody's clock. */
const paceMs = z.number().min(0);

/**
 * The pace of one connection, in one item. It changes by conditional writes only, each of which raises
 * `version`.
 */
export const PaceSchema = z.object({
  version: z.int().min(0).default(0),
  /** The pace's time when it was written. */
  at: paceMs.default(0),
  /** When the next call is due if calls come one by one: "theoretical arrival time" of the GCRA. */
  nextAt: paceMs.default(0),
  /** Calls a second that the service was seen to take; absent: as many as the limit says. */
  learned: z.number().positive().optional(),
  /** When that was changed last. */
  learnedAt: paceMs.default(0),
  /** No call before this: the service said so. */
  heldUntil: paceMs.default(0),
  /** Calls that failed, one way or the other, since one succeeded; and since when. */
  failing: z.object({ calls: z.int().min(1), since: paceMs }).optional(),
  /**
   * The worker that alone gets turns and may begin calls, and since when it has got any. `term` tells this lead from every
   * other one.
   */
  lead: z.object({ holder: z.string(), term: z.int().min(1), since: paceMs.optional() }).optional(),
  /**
   * Workers: calls that each has under way or may begin, and since when it waits for more turns or calls; it
   * counts until it has written nothing for long.
   */
  holders: z
    .record(
      z.string(),
      z.object({
        taskId: z.string(),
        calls: z.int().min(0),
        waitingSince: paceMs.optional(),
        /** When it led last, while it waits. */
        ledAt: paceMs.optional(),
        until: paceMs,
      }),
    )
    .default({}),
});
export type Pace = z.infer<typeof PaceSchema>;
