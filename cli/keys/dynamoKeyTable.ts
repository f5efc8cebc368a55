/** The table of keys in DynamoDB: the one place of the command line that talks to AWS (docs/adr/0079). */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  paginateScan,
  PutCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { tableKeys } from '../../shared/keys.ts';
import { TABLE_KEYS } from '../../shared/names.ts';
import { ApiKeyItemSchema } from '../../shared/schemas/items.ts';
import { OwnerLimitsSchema } from '../../shared/schemas/quota.ts';
import { CliError } from '../errors.ts';
import type { KeyTable } from './keyTable.ts';

export interface TablePlace {
  readonly tableName: string;
  readonly region: string;
  /** Of the local cloud; absent: AWS, with whatever credentials its tools would take. */
  readonly local?: {
    readonly endpoint: string;
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
  };
}

const StoredLimitsSchema = OwnerLimitsSchema.extend({ used: z.number().default(0) });

/** Somebody waits: a network that is not there is told soon. */
const MOST_TRIES = 3;

export function createDynamoKeyTable({ tableName, region, local }: TablePlace): KeyTable {
  const client = DynamoDBDocumentClient.from(
    new DynamoDBClient({
      region,
      maxAttempts: MOST_TRIES,
      ...(local && {
        endpoint: local.endpoint,
        credentials: { accessKeyId: local.accessKeyId, secretAccessKey: local.secretAccessKey },
      }),
    }),
  );
  const explained = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw inPlainWords(error, tableName, region);
    }
  };
  const own = { TableName: tableName };
  return {
    add: (item) =>
      explained(async () => {
        await client.send(
          new PutCommand({
            ...own,
            Item: { ...tableKeys.apiKey(item.keyHash), ...item },
            ConditionExpression: 'attribute_not_exists(#key)',
            ExpressionAttributeNames: { '#key': TABLE_KEYS.partition },
          }),
        );
      }),
    all: () =>
      explained(async () => {
        const pages = paginateScan(
          { client },
          {
            ...own,
            FilterExpression: 'begins_with(#key, :keys)',
            ExpressionAttributeNames: { '#key': TABLE_KEYS.partition },
            ExpressionAttributeValues: { ':keys': tableKeys.apiKey('').pk },
          },
        );
        const found = [];
        for await (const { Items = [] } of pages) {
          found.push(...Items.map((item) => ApiKeyItemSchema.parse(item)));
        }
        return found;
      }),
    remove: (keyHash) =>
      explained(async () => {
        await client.send(new DeleteCommand({ ...own, Key: tableKeys.apiKey(keyHash) }));
      }),
    limits: (ownerId) =>
      explained(async () => {
        const { Item = {} } = await client.send(
          new GetCommand({ ...own, Key: tableKeys.quota(ownerId), ConsistentRead: true }),
        );
        return StoredLimitsSchema.parse(Item);
      }),
    change: (ownerId, change) =>
      explained(async () => {
        const set = Object.entries(change).filter(([, value]) => typeof value === 'number');
        const lifted = Object.entries(change).filter(([, value]) => value === null);
        if (set.length + lifted.length === 0) return;
        const parts = [
          set.length > 0 && `SET ${set.map(([name]) => `#${name} = :${name}`).join(', ')}`,
          lifted.length > 0 && `REMOVE ${lifted.map(([name]) => `#${name}`).join(', ')}`,
        ].filter((part) => part !== false);
        await client.send(
          new UpdateCommand({
            ...own,
            Key: tableKeys.quota(ownerId),
            UpdateExpression: parts.join(' '),
            ExpressionAttributeNames: Object.fromEntries(
              [...set, ...lifted].map(([name]) => [`#${name}`, name]),
            ),
            ...(set.length > 0 && {
              ExpressionAttributeValues: Object.fromEntries(
                set.map(([name, value]) => [`:${name}`, value as unknown]),
              ),
            }),
          }),
        );
      }),
  };
}

/** What AWS says, as people can act upon it. */
function inPlainWords(error: unknown, tableName: string, region: string): unknown {
  if (!(error instanceof Error)) return error;
  switch (error.name) {
    case 'ResourceNotFoundException':
      return new CliError(
        `There is no table ${tableName} in ${region}. It is the output TableName of the stack; --region says where that is.`,
      );
    case 'AccessDeniedException':
      return new CliError(
        `Your AWS credentials do not allow this on the table ${tableName}. Use those of an operator (AWS_PROFILE).`,
      );
    case 'CredentialsProviderError':
    case 'UnrecognizedClientException':
    case 'ExpiredTokenException':
    case 'InvalidSignatureException':
      return new CliError(
        'There are no AWS credentials, or they are good no more. Sign in (aws sso login, aws configure) or name a profile with AWS_PROFILE.',
      );
    case 'ValidationException':
      return new CliError(`${tableName} is not the table of a stack: ${error.message}`);
    case 'TimeoutError':
    case 'Error':
      return new CliError(`AWS does not answer in ${region}. Check --region and your network.`);
    default:
      return error;
  }
}
