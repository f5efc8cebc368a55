/** Columns of rows as an object of the bucket: they may be too many for an item of the table. */
import * as z from 'zod';
import type { Columns } from './fill.ts';

const StoredSchema = z.object({ names: z.array(z.string()), areAll: z.boolean() });

export const columnsBytes = ({ names, areAll }: Columns): Uint8Array =>
  Buffer.from(JSON.stringify({ names, areAll }));

export const readColumns = (bytes: Uint8Array): Columns =>
  StoredSchema.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
