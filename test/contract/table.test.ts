/** The table port over its implementations, and what the local DynamoDB does beyond the port. */
import {
  DeleteItemCommand,
  DescribeTableCommand,
  ListTablesCommand,
  paginateListTables,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDynamoClient } from '../../functions/adapters/clients/dynamo.ts';
import { createDynamoTable } from '../../functions/adapters/dynamoTable.ts';
import { createTableEngine, type TableEngine } from '../../local/dynamodb/tableEngine.ts';
import { createMeters, type Meters } from '../../local/billing/meter.ts';
import { INDEXED_ATTRIBUTES, OWNER_INDEXES } from '../../shared/names.ts';
import { clientConfig, createTestAccess, type LoopbackServer, serve } from '../support/localAws.ts';
import { createFakeClock } from '../support/memoryPorts.ts';
import { createMemoryTable } from '../support/memoryTable.ts';
import { tableSuite } from './suites/tableSuite.ts';

const TABLE = 'Sheaf-Table';

/** As the template describes it. */
const properties = {
  KeySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ],
  AttributeDefinitions: ['pk', 'sk', 'ownerKey', 'ownerSort', 'activeSort'].map(
    (AttributeName) => ({ AttributeName, AttributeType: 'S' }),
  ),
  BillingMode: 'PAY_PER_REQUEST',
  GlobalSecondaryIndexes: Object.entries(OWNER_INDEXES).map(([IndexName, { partition, sort }]) => ({
    IndexName,
    KeySchema: [
      { AttributeName: partition, KeyType: 'HASH' },
      { AttributeName: sort, KeyType: 'RANGE' },
    ],
    Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: [...INDEXED_ATTRIBUTES] },
  })),
  TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
};

const tableArn = `arn:aws:dynamodb:eu-central-1:000000000000:table/${TABLE}`;
const access = createTestAccess({
  policies: {
    ReaderRole: [
      { Statement: [{ Effect: 'Allow', Action: 'dynamodb:GetItem', Resource: tableArn }] },
    ],
  },
});

tableSuite('in memory', async () => {
  const clock = createFakeClock();
  return { clock, table: createMemoryTable(clock), close: async () => undefined };
});

tableSuite('over the adapter and the local DynamoDB', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'sheaf-table-'));
  const engine = await createTableEngine({ dir, tables: { [TABLE]: properties }, access });
  const server = await serve((request, response) => engine.handle(request, response));
  const client = createDynamoClient(() => clientConfig(server.url));
  const clock = createFakeClock();
  return {
    clock,
    table: createDynamoTable({ tableName: TABLE, clock, client }),
    async close() {
      await server.close();
      await engine.close();
      await rm(dir, { recursive: true });
    },
  };
});

describe('the local DynamoDB', () => {
  let dir: string;
  let engine: TableEngine;
  let server: LoopbackServer;

  let meters: Meters;

  async function open(now?: () => number) {
    meters = createMeters(() => 0);
    engine = await createTableEngine({
      dir,
      tables: { [TABLE]: properties },
      access: now ? { ...access, now } : access,
      meter: meters.table,
    });
  }

  const clientOf = (accessKeyId?: string) =>
    new DynamoDBClient(clientConfig(server.url, accessKeyId));
  const get = new GetItemCommand({
    TableName: TABLE,
    Key: { pk: { S: 'P' }, sk: { S: 'S' } },
  });
  const put = (sk: string, more: object = {}) =>
    engine.call('PutItem', { TableName: TABLE, Item: { pk: { S: 'P' }, sk: { S: sk }, ...more } });

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'sheaf-table-'));
    await open();
    server = await serve((request, response) => engine.handle(request, response));
  });
  afterEach(async () => {
    await server.close();
    await engine.close();
    await rm(dir, { recursive: true });
  });

  it('keeps items and index over a restart', async () => {
    await put('S', { ownerKey: { S: 'O' }, ownerSort: { S: '1' } });
    await engine.close();
    await open();
    const found = await clientOf().send(get);
    expect(found.Item).toMatchObject({ ownerSort: { S: '1' } });
    const listed = await engine.call('Query', {
      TableName: TABLE,
      IndexName: 'byOwner',
      KeyConditionExpression: 'ownerKey = :o',
      ExpressionAttributeValues: { ':o': { S: 'O' } },
    });
    expect(listed).toMatchObject({ Count: 1 });
  });

  describe('counts capacity', () => {
    const Key = { pk: { S: 'P' }, sk: { S: 'S' } };
    const owned = { ...Key, ownerKey: { S: 'O' }, ownerSort: { S: '1' } };
    const item = { TableName: TABLE, Key };

    it('of writes, in the table and in its index', async () => {
      const client = clientOf();
      await client.send(new PutItemCommand({ TableName: TABLE, Item: owned }));
      const update = new UpdateItemCommand({
        ...item,
        UpdateExpression: 'SET note = :n',
        ExpressionAttributeValues: { ':n': { S: 'x'.repeat(1500) } },
      });
      await client.send(update);
      await client.send(new DeleteItemCommand(item));
      expect(meters.read().dynamoDb).toEqual({
        PutItem: { calls: 1, readUnits: 0, writeUnits: 2 },
        // The note is not in the index: changing it is no write there, and its size counts in the table alone.
        UpdateItem: { calls: 1, readUnits: 0, writeUnits: 2 },
        DeleteItem: { calls: 1, readUnits: 0, writeUnits: 3 },
      });
    });

    it('of a write whose condition did not hold, but not of one that is no write at all', async () => {
      await put('S', { note: { S: 'x'.repeat(1500) } });
      const client = clientOf();
      const conditional = (ConditionExpression: string) =>
        client.send(new DeleteItemCommand({ ...item, ConditionExpression }));
      await expect(conditional('attribute_exists(nothing)')).rejects.toMatchObject({
        name: 'ConditionalCheckFailedException',
      });
      await expect(conditional('no condition')).rejects.toMatchObject({
        name: 'ValidationException',
      });
      expect(meters.read().dynamoDb).toEqual({
        DeleteItem: { calls: 1, readUnits: 0, writeUnits: 2 },
      });
    });

    it('of reads, and tells those alone who ask', async () => {
      await put('S', {
        ownerKey: { S: 'O' },
        ownerSort: { S: '1' },
        note: { S: 'x'.repeat(5000) },
      });
      const client = clientOf();
      expect(await client.send(new GetItemCommand(item))).not.toHaveProperty('ConsumedCapacity');
      await client.send(new GetItemCommand({ ...item, ConsistentRead: true }));
      const none = { ...item, Key: { ...Key, sk: { S: 'none' } } };
      await client.send(new GetItemCommand(none));
      const { ConsumedCapacity } = await client.send(
        new QueryCommand({
          TableName: TABLE,
          IndexName: 'byOwner',
          KeyConditionExpression: 'ownerKey = :o',
          ExpressionAttributeValues: { ':o': { S: 'O' } },
          ReturnConsumedCapacity: 'TOTAL',
        }),
      );
      expect(ConsumedCapacity).toMatchObject({ CapacityUnits: 0.5 });
      expect(meters.read().dynamoDb).toEqual({
        GetItem: { calls: 3, readUnits: 1 + 2 + 0.5, writeUnits: 0 },
        Query: { calls: 1, readUnits: 0.5, writeUnits: 0 },
      });
    });
  });

  it('describes its tables', async () => {
    const { Table } = await clientOf().send(new DescribeTableCommand({ TableName: TABLE }));
    expect(Table).toMatchObject({ TableStatus: 'ACTIVE', TableArn: tableArn });
  });

  it('lets a role do what its policies allow, and nothing else', async () => {
    await put('S');
    expect((await clientOf('ReaderRole').send(get)).Item).toBeDefined();
    await expect(
      clientOf('ReaderRole').send(new ScanCommand({ TableName: TABLE })),
    ).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining('dynamodb:Scan') as string,
    });
  });

  it('refuses unknown keys and wrong secrets', async () => {
    await expect(clientOf('Nobody').send(get)).rejects.toMatchObject({
      name: 'UnrecognizedClientException',
    });
    const forged = new DynamoDBClient({
      ...clientConfig(server.url),
      credentials: { accessKeyId: 'ADMIN', secretAccessKey: 'guessed' },
    });
    await expect(forged.send(get)).rejects.toMatchObject({ name: 'InvalidSignatureException' });
    const unsigned = await fetch(server.url, {
      method: 'POST',
      headers: { 'x-amz-target': 'DynamoDB_20120810.GetItem' },
      body: '{}',
    });
    expect(await unsigned.json()).toMatchObject({ __type: 'MissingAuthenticationTokenException' });
  });

  it('lists its tables, to those who may', async () => {
    expect(await clientOf().send(new ListTablesCommand({}))).toMatchObject({ TableNames: [TABLE] });
    const after = new ListTablesCommand({ ExclusiveStartTableName: TABLE, Limit: 1 });
    expect(await clientOf().send(after)).toMatchObject({ TableNames: [] });
    await expect(clientOf('ReaderRole').send(new ListTablesCommand({}))).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
    await expect(clientOf().send(new ListTablesCommand({ Limit: 101 }))).rejects.toMatchObject({
      name: 'ValidationException',
    });
    expect(meters.read().dynamoDb).toEqual({});
  });

  it('goes through more tables than a page holds', async () => {
    const all = Object.fromEntries(['C-T', 'A-T', 'B-T'].map((name) => [name, properties]));
    const other = await createTableEngine({ dir: join(dir, 'other'), tables: all, access });
    const others = await serve((request, response) => other.handle(request, response));
    const client = new DynamoDBClient(clientConfig(others.url));
    const pages = [];
    for await (const { TableNames } of paginateListTables({ client, pageSize: 2 }, {})) {
      pages.push(TableNames);
    }
    expect(pages).toEqual([['A-T', 'B-T'], ['C-T']]);
    await others.close();
    await other.close();
  });

  it('names tables and operations that it does not have', async () => {
    const elsewhere = new ScanCommand({ TableName: 'Other' });
    await expect(clientOf().send(elsewhere)).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  it('deletes what is past its time to live', async () => {
    await put('old', { expiresAt: { N: '100' } });
    await put('later', { expiresAt: { N: '9000' } });
    await put('ever');
    await engine.close();
    await open(() => 200_000);
    expect(await engine.sweepExpired()).toBe(1);
    const { Items } = (await engine.call('Scan', { TableName: TABLE })) as { Items: unknown[] };
    expect(Items).toHaveLength(2);
  });

  it('refuses a table that it cannot run as the template says', async () => {
    const options = { dir: join(dir, 'other'), access };
    await expect(
      createTableEngine({
        ...options,
        tables: { [TABLE]: { ...properties, StreamSpecification: {} } },
      }),
    ).rejects.toThrow('StreamSpecification');
  });

  it('refuses data that was written with other indexes', async () => {
    await engine.close();
    const changed = { ...properties, GlobalSecondaryIndexes: undefined };
    await expect(createTableEngine({ dir, tables: { [TABLE]: changed }, access })).rejects.toThrow(
      'Remove the data folder',
    );
    await open();
  });
});
