/** Columns of rows as an object of the bucket: they may be too many for an item of the table. */
import * as z from 'zod';
import type { Ports } from '../ports.ts';
import { readJson } from '../readJson.ts';
import type { Columns } from './fill.ts';

const StoredSchema = z.object({ names: z.array(z.string()), areAll: z.boolean() });

export const columnsBytes = ({ names, areAll }: Columns): Uint8Array =>
  Buffer.from(JSON.stringify({ names, areAll }));

/** @throws ObjectMissing */
export const readColumns = async (ports: Pick<Ports, 'objects'>, key: string): Promise<Columns> =>
  StoredSchema.parse(await readJson(ports, key));
