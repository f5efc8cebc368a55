/** DynamoDB (API reference, "Making HTTP requests"). */
import { createJsonService, type JsonService, type ServicePlace } from './jsonService.ts';

export const createDynamoClient = (placeOf: () => ServicePlace): JsonService =>
  createJsonService({ service: 'dynamodb', target: 'DynamoDB_20120810', version: '1.0' }, placeOf);
