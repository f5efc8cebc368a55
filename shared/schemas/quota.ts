/** What an owner may have at a time and has, and who waits: items of the owner's own partition. */
import * as z from 'zod';
import { SLOT_PREFIX } from '../keys.ts';
import { TASK_LIMIT_DEFAULT, TASK_LIMIT_MAX } from '../limits.ts';
import { TaskIdSchema } from './common.ts';

const epochMs = z.int().min(0);

/** Limits that are set where keys are made. */
export const OwnerLimitsSchema = z.object({
  /** Tasks that may work at the same time. */
  taskLimit: z.int().min(1).max(TASK_LIMIT_MAX).default(TASK_LIMIT_DEFAULT),
  /** Documents that may be made in all; none when absent. */
  documentBudget: z.int().min(0).optional(),
});

const SLOT_FIELDS = ['run', 'revision', 'base', 'reserved', 'since', 'claim', 'instead'] as const;

/** A place among the tasks that work at the same time, as an attribute keeps it: its numbers in a line. */
export const SlotSchema = z
  .string()
  .regex(/^\d+( \d+){4,6}$/)
  .transform((text) => {
    const numbers = text.split(' ').map(Number);
    const [run = 0, revision = 0, base = 0, reserved = 0, since = 0, claim = 0, instead = 0] =
      numbers;
    return { text, run, revision, base, reserved, since, claim, instead };
  });
export type Slot = z.output<typeof SlotSchema>;

/** What a slot holds. */
export interface SlotFields extends Record<(typeof SLOT_FIELDS)[number], number> {
  /** The run that it is for. */
  readonly run: number;
  /** The task's revision when it was taken: once that has changed, nobody begins that run any more. */
  readonly revision: number;
  /** Documents of the task that were counted as used before this run. */
  readonly base: number;
  /** Documents that the run may make. */
  readonly reserved: number;
  /** When it was taken, in ms. */
  readonly since: number;
  /**
   * Tells it from every other slot of the owner, but for those that were taken in its place for the same run: what that
   * run makes is charged once, with whichever of them is given back.
   */
  readonly claim: number;
  /**
   * The claim of the slot whose place it took while the run that began with that one may have been at work; 0 for none.
   * Should its own run not begin after all, what that one makes is charged with it.
   */
  readonly instead: number;
}

export const slotOf = (fields: SlotFields): Slot =>
  SlotSchema.parse(SLOT_FIELDS.map((name) => fields[name]).join(' '));

/** Slots are attributes of their own in the table, so that each is given back by itself; here they are one. */
function gatherSlots(item: unknown): unknown {
  if (typeof item !== 'object' || item === null) return item;
  const slots = Object.entries(item)
    .filter(([name]) => name.startsWith(SLOT_PREFIX))
    .map(([name, slot]) => [name.slice(SLOT_PREFIX.length), slot as unknown]);
  return { ...item, slots: Object.fromEntries(slots) as unknown };
}

/** OWNER#o / QUOTA. */
export const QuotaItemSchema = z.preprocess(
  gatherSlots,
  OwnerLimitsSchema.extend({
    /** Rises with every slot that is taken, and with every task that begins to wait. */
    version: z.int().min(0).default(0),
    /** Documents that were made, of tasks at rest. */
    used: z.int().default(0),
    slots: z.record(z.string(), SlotSchema),
    /** Whether tasks wait, as far as is known: the queue itself says it for certain. */
    waiting: z.boolean().default(false),
    /** When the owner last took a slot or a place in the queue, in ms. */
    claimedAt: epochMs.default(0),
  }),
);
export type Quota = z.output<typeof QuotaItemSchema>;

/** OWNER#o / QUEUE#…: a task that waits for a slot. Its place in the order is its key. */
export const QueueEntrySchema = z.object({
  sk: z.string(),
  taskId: TaskIdSchema,
  /** The task's revision when it asked for this place. */
  revision: z.int().min(0),
  /** When it did, in ms. */
  askedAt: epochMs,
});
export type QueueEntry = z.output<typeof QueueEntrySchema>;
