/** The record of a table in dynalite's store, by which its operations know keys and indexes. */
import type { Store } from 'dynalite/db/index.js';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { TableProperties } from './tableProperties.ts';

/** The part of a definition that data on disk was written by. */
const StoredSchema = z
  .object({ KeySchema: z.unknown(), GlobalSecondaryIndexes: z.unknown() })
  .partial()
  .optional();

/**
 * Begins a table, or finds it as it was. Written in one step and active at once: dynalite's CreateTable
 * writes twice, and one that was killed in between would never become active.
 * @throws Error when the table on disk has other keys or indexes
 */
export async function defineTable(
  store: Store,
  { name, arn, properties }: { name: string; arn: string; properties: TableProperties },
  now: number,
): Promise<void> {
  const { KeySchema, GlobalSecondaryIndexes, AttributeDefinitions } = properties;
  const shape = { KeySchema, ...(GlobalSecondaryIndexes && { GlobalSecondaryIndexes }) };
  const stored = StoredSchema.parse(await getRecord(store, name));
  if (stored) {
    const { KeySchema, GlobalSecondaryIndexes } = stored;
    const before = { KeySchema, ...(GlobalSecondaryIndexes ? { GlobalSecondaryIndexes } : {}) };
    if (isDeepStrictEqual(before, shape)) return;
    throw new Error(
      `The keys or indexes of the table ${name} are not those that its data was written with. ` +
        'Remove the data folder to begin anew.',
    );
  }
  await putRecord(store, name, {
    TableName: name,
    TableArn: arn,
    TableStatus: 'ACTIVE',
    CreationDateTime: now / 1000,
    BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
    AttributeDefinitions,
    ...shape,
  });
}

function getRecord(store: Store, name: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    store.tableDb.get(name, (error, record) => (error ? reject(error) : resolve(record)));
  });
}

function putRecord(store: Store, name: string, record: object): Promise<void> {
  return new Promise((resolve, reject) => {
    store.tableDb.put(name, record, (error) => (error ? reject(error) : resolve()));
  });
}
