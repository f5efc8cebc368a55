/** The table. */
import type { Table } from '../../../shared/ports.ts';
import { createDynamoTable } from '../../adapters/dynamoTable.ts';
import { createDynamoClient } from '../../adapters/clients/dynamo.ts';
import { readEnvironment, readServicePlace } from '../environment.ts';
import { clock } from '../ports.ts';

/** Needs TABLE_NAME. */
export function openTable(): Table {
  const { table } = readEnvironment(['table']);
  return createDynamoTable({
    tableName: table,
    clock,
    client: createDynamoClient(readServicePlace),
  });
}
