/** Answer of GET /usage. */
import * as z from 'zod';

export const UsageSchema = z.object({
  tasksRunning: z.int().describe('Tasks at work: they have a slot.'),
  tasksQueued: z.int().describe('Tasks that wait for a slot.'),
  taskLimit: z.int().describe('Slots: as many tasks may be at work at a time.'),
  documents: z.object({
    budget: z.int().nullable().describe('Documents that may be made in all; null for any number.'),
    reserved: z.int().describe('Documents that tasks at work may yet make.'),
    used: z.int().describe('Documents that were made by tasks that are not at work.'),
  }),
});
export type Usage = z.infer<typeof UsageSchema>;
