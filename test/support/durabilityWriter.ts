/**
 * A process that writes to the local S3 and DynamoDB until it is killed: durability.test.ts. Prints the
 * number of each round that both have acknowledged. Arguments: the folder of the data.
 */
import { join } from 'node:path';
import { createObjectEngine } from '../../local/s3/objectEngine.ts';
import { createTableEngine } from '../../local/dynamodb/tableEngine.ts';
import { bodyOf, BUCKET, TABLE, tableProperties } from './durability.ts';
import { createTestAccess } from './localAws.ts';

const [dir = ''] = process.argv.slice(2);
const access = createTestAccess();
const objects = await createObjectEngine({
  dir: join(dir, 's3'),
  buckets: { [BUCKET]: {} },
  access,
});
const tables = await createTableEngine({
  dir: join(dir, 'dynamodb'),
  tables: { [TABLE]: tableProperties },
  access,
});

for (let round = 1; ; round++) {
  const text = String(round);
  await Promise.all([
    objects.write({ bucket: BUCKET, key: text }, bodyOf(round), 'text/plain'),
    // The same key again and again: a half-written replacement would show.
    objects.write({ bucket: BUCKET, key: 'latest' }, bodyOf(round), 'text/plain'),
    tables.call('PutItem', {
      TableName: TABLE,
      Item: { pk: { S: text }, owner: { S: 'O' }, sort: { S: text.padStart(9, '0') } },
    }),
    tables.call('UpdateItem', {
      TableName: TABLE,
      Key: { pk: { S: 'counter' } },
      UpdateExpression: 'SET #owner = :owner, #sort = :sort ADD #rounds :one',
      ExpressionAttributeNames: { '#owner': 'owner', '#sort': 'sort', '#rounds': 'rounds' },
      ExpressionAttributeValues: {
        ':owner': { S: 'COUNTER' },
        ':sort': { S: text },
        ':one': { N: '1' },
      },
    }),
  ]);
  process.stdout.write(`${round}\n`);
}
