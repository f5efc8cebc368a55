/** What a local cloud that is to be disturbed (chaosCloud.ts) and the process that started it say to each other. */
import { z } from 'zod';

/**
 * How a call of a service goes wrong on its way.
 * - refused: 500 without having been carried out; throttled: as the service does it
 * - failed: carried out, and then 500
 * - cut: the connection breaks before anything was carried out; lost: it breaks instead of the answer
 * - slow: it takes some seconds
 */
export const MANNERS = ['refused', 'throttled', 'failed', 'cut', 'lost', 'slow'] as const;
export type Manner = (typeof MANNERS)[number];

export const DisturbanceSchema = z.object({
  manner: z.enum(MANNERS),
  /** Of all calls, from 0 to 1. */
  share: z.number(),
  /** Decides which. */
  seed: z.int(),
});
export type Disturbance = z.infer<typeof DisturbanceSchema>;

export const OrderSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('disturb'), disturbance: DisturbanceSchema }),
  z.object({ kind: z.literal('settle') }),
  /** Ends one instance in the middle of an event; of those at work, or else of the next to begin. */
  z.object({
    kind: z.literal('killWorker'),
    /** Of a step of a task, or of any function. */
    of: z.enum(['step', 'any']),
    pick: z.number(),
    afterMs: z.number(),
  }),
  z.object({ kind: z.literal('measure') }),
]);
export type Order = z.infer<typeof OrderSchema>;

const MeasuresSchema = z.object({
  rssBytes: z.int(),
  /**
   * Of it, what no file is behind: heaps, buffers, stacks, what native code allocates. The rest are pages of files, such as
   * the table's, which the system takes back when it needs them. Where it does not tell them apart: all of it.
   */
  anonymousBytes: z.int(),
  /** Of the main thread, after a collection. */
  heapBytes: z.int(),
  /** What the engine has reserved for that heap. */
  heapReservedBytes: z.int(),
  /** Outside of heaps: buffers. */
  externalBytes: z.int(),
  descriptors: z.int(),
});
export type Measures = z.infer<typeof MeasuresSchema>;

export const WordSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('ready'),
    apiUrl: z.string(),
    websocketUrl: z.string(),
    servicesUrl: z.string(),
    apiKey: z.string(),
  }),
  z.object({ kind: z.literal('disturbed'), manner: z.enum(MANNERS) }),
  z.object({ kind: z.literal('killedWorker'), function: z.string() }),
  z.object({ kind: z.literal('measured'), measures: MeasuresSchema }),
  /** It cannot go on, and ends. */
  z.object({ kind: z.literal('broken'), message: z.string() }),
]);
export type Word = z.infer<typeof WordSchema>;
