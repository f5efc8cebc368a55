/**
 * Notes of when something is due to be deleted. A note is written before its subject says that it expires
 * then, so no crash leaves one that nobody deletes; a note whose subject turned out to be wanted is dropped.
 * They have no expiry of their own, unlike the subject's item, which the table may clear away before anybody
 * has looked for what belongs to it.
 */
import * as z from 'zod';
import { everyItem } from '../everyItem.ts';
import { duePrefixes, tableKeys } from '../keys.ts';
import { NOTE_GRACE_MS } from '../limits.ts';
import type { Ports } from '../ports.ts';

const DueNoteSchema = z.object({
  /** Of the task, template or data source; of a connection, the name of its secret, or its own where it has none. */
  id: z.string(),
  /** Of a connection: whose it is. */
  ownerId: z.string().optional(),
  /** When it is due, in seconds since 1970. */
  dueAt: z.int().min(0),
  /** When that was noted, in ms, where what it is of follows at once. */
  notedAt: z.int().min(0).optional(),
  /** Whether everything was deleted once. */
  isSecond: z.boolean().optional(),
});
export type DueNote = z.infer<typeof DueNoteSchema>;

/** The notes of one kind. */
function dueNotes(kind: keyof typeof duePrefixes) {
  const prefix = duePrefixes[kind];

  async function drop({ table }: Pick<Ports, 'table'>, { dueAt, id }: DueNote): Promise<void> {
    await table.delete(tableKeys.due(prefix, dueAt, id));
  }

  return {
    /** Notes when something is due; the same note again is the same item. */
    async note({ table }: Pick<Ports, 'table'>, due: DueNote): Promise<void> {
      await table.put(tableKeys.due(prefix, due.dueAt, due.id), due);
    },

    /** Every note of what is due at this time, in seconds since 1970, the oldest first. */
    async *at(
      { table }: Pick<Ports, 'table'>,
      now: number,
    ): AsyncGenerator<DueNote, void, undefined> {
      const { pk, sk: to } = tableKeys.due(prefix, now, '~');
      const query = { partition: pk, prefix, to, limit: 100 };
      for await (const item of everyItem({ table }, query)) yield DueNoteSchema.parse(item);
    },

    drop,

    /** Drops the note of what is wanted, unless its writer may be about to write what it is of. */
    async dropIfOld(ports: Pick<Ports, 'table' | 'clock'>, due: DueNote): Promise<void> {
      const { notedAt = 0 } = due;
      if (Math.abs(ports.clock.now() - notedAt) >= NOTE_GRACE_MS) await drop(ports, due);
    },
  };
}

export const taskNotes = dueNotes('task');
/** Of templates, data sources and trials. */
export const uploadNotes = dueNotes('upload');
/** Not of deletions: of tasks whose end is to be told (events/tellDue.ts). */
export const tellNotes = dueNotes('tell');
/** Of secrets of connections. */
export const connectionNotes = dueNotes('connection');
