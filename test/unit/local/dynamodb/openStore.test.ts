/** Whatever is read, nothing stays open that it was read by: each would hold the state of the table at its moment. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Store } from 'dynalite/db/index.js';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { openStore } from '../../../../local/dynamodb/openStore.ts';
import { runOperation } from '../../../../local/dynamodb/operations.ts';
import { defineTable } from '../../../../local/dynamodb/tableDefinition.ts';
import { parseTableProperties } from '../../../../local/dynamodb/tableProperties.ts';

const TABLE = {
  name: 'Table',
  arn: 'arn:aws:dynamodb:us-east-1:000000000000:table/Table',
  properties: parseTableProperties('Table', {
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
    AttributeDefinitions: ['pk', 'sk'].map((AttributeName) => ({
      AttributeName,
      AttributeType: 'S',
    })),
    BillingMode: 'PAY_PER_REQUEST',
  }),
};

let dir: string;
let store: Store;
let [opened, closed] = [0, 0];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sheaf-store-'));
  store = await openStore(dir);
  await defineTable(store, TABLE, 0);
  [opened, closed] = [0, 0];
  const values = store.db.values.bind(store.db);
  store.db.values = (options) => {
    const iterator = values(options);
    const close = iterator.close.bind(iterator);
    opened++;
    return Object.assign(iterator, {
      close: () => {
        closed++;
        return close();
      },
    });
  };
});
afterEach(async () => {
  await store.db.close();
  await rm(dir, { recursive: true });
});

const query = (more: object) =>
  runOperation(store, 'Query', {
    TableName: 'Table',
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: { ':pk': { S: 'P' } },
    ...more,
  });

it.each([
  ['to the end', () => query({})],
  ['up to a limit', () => query({ Limit: 2 })],
  ['of nothing', () => query({ ExpressionAttributeValues: { ':pk': { S: 'none' } } })],
  ['altogether', () => runOperation(store, 'Scan', { TableName: 'Table' })],
])('closes what it was read by: %s', async (_, read) => {
  for (const sk of ['1', '2', '3', '4', '5']) {
    const Item = { pk: { S: 'P' }, sk: { S: sk } };
    await runOperation(store, 'PutItem', { TableName: 'Table', Item });
  }
  for (let i = 0; i < 10; i++) await read();
  expect(opened).toBe(10);
  await vi.waitFor(() => expect(closed).toBe(10));
});
