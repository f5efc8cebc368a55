/** What the local cloud itself does with tables. */
import { z } from 'zod';
import { ServiceError } from '../net/jsonService.ts';
import type { TableOperation } from './operations.ts';

/** Runs an operation of a table. @throws ServiceError */
export type TableCall = (operation: TableOperation, input: unknown) => Promise<object>;

const PageSchema = z.object({
  Items: z.array(z.record(z.string(), z.unknown())),
  LastEvaluatedKey: z.record(z.string(), z.unknown()).optional(),
});

/**
 * The items that a Scan or a Query finds, page by page, in DynamoDB's attribute value notation.
 * @throws ServiceError
 */
export async function* itemsOf(
  call: TableCall,
  operation: 'Scan' | 'Query',
  input: object,
): AsyncGenerator<Record<string, unknown>> {
  let start: Record<string, unknown> | undefined;
  do {
    const page = PageSchema.parse(await call(operation, { ...input, ExclusiveStartKey: start }));
    yield* page.Items;
    start = page.LastEvaluatedKey;
  } while (start);
}

/** The key of an item of the table. */
export const keyOf = (item: Readonly<Record<string, unknown>>, attributes: readonly string[]) =>
  Object.fromEntries(attributes.map((name) => [name, item[name]]));

/** Runs a conditional write; false when its condition does not hold. @throws ServiceError */
export async function writes(
  call: TableCall,
  operation: 'PutItem' | 'UpdateItem' | 'DeleteItem',
  input: object,
): Promise<boolean> {
  try {
    await call(operation, input);
    return true;
  } catch (error) {
    if (error instanceof ServiceError && error.type.endsWith('ConditionalCheckFailedException')) {
      return false;
    }
    throw error;
  }
}
