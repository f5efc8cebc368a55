/** The client of DynamoDB. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { COMMON } from './common.ts';

export const createDynamoClient = () =>
  DynamoDBDocumentClient.from(new DynamoDBClient(COMMON), {
    // An undefined attribute is a mistake of ours: refused, instead of dropped in silence.
    marshallOptions: { removeUndefinedValues: false },
  });
