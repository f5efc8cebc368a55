/** The operations of DynamoDB, as dynalite implements them. */
import deleteItem from 'dynalite/actions/deleteItem.js';
import describeTable from 'dynalite/actions/describeTable.js';
import getItem from 'dynalite/actions/getItem.js';
import putItem from 'dynalite/actions/putItem.js';
import query from 'dynalite/actions/query.js';
import scan from 'dynalite/actions/scan.js';
import updateItem from 'dynalite/actions/updateItem.js';
import type { Store } from 'dynalite/db/index.js';
import deleteItemInput from 'dynalite/validations/deleteItem.js';
import describeTableInput from 'dynalite/validations/describeTable.js';
import getItemInput from 'dynalite/validations/getItem.js';
import validations from 'dynalite/validations/index.js';
import putItemInput from 'dynalite/validations/putItem.js';
import queryInput from 'dynalite/validations/query.js';
import scanInput from 'dynalite/validations/scan.js';
import updateItemInput from 'dynalite/validations/updateItem.js';
import { z } from 'zod';
import { ServiceError } from '../net/jsonService.ts';
import { atomicView, type WriteTrace } from './atomicWrites.ts';

const READS = {
  DescribeTable: { action: describeTable, input: describeTableInput },
  GetItem: { action: getItem, input: getItemInput },
  Query: { action: query, input: queryInput },
  Scan: { action: scan, input: scanInput },
};
const WRITES = {
  DeleteItem: { action: deleteItem, input: deleteItemInput },
  PutItem: { action: putItem, input: putItemInput },
  UpdateItem: { action: updateItem, input: updateItemInput },
};
const OPERATIONS = { ...READS, ...WRITES };

export type TableOperation = keyof typeof OPERATIONS;

export const isTableOperation = (name: string): name is TableOperation =>
  Object.hasOwn(OPERATIONS, name);

/** What an operation did, by which its capacity is counted; filled in while it runs. */
export interface OperationTrace extends WriteTrace {
  isWrite: boolean;
  readUnits: number;
}

export const newTrace = (): OperationTrace => ({
  reached: false,
  isWrite: false,
  written: false,
  readUnits: 0,
});

/** The units of a read, as dynalite counts them when it is asked to. */
const ConsumedSchema = z.object({ ConsumedCapacity: z.object({ CapacityUnits: z.number() }) });

/** What dynalite rejects with when a request, and not dynalite, is at fault. */
const RefusalSchema = z.object({
  statusCode: z.number(),
  body: z.object({
    __type: z.string(),
    message: z.string().optional(),
    Message: z.string().optional(),
  }),
});

/**
 * Runs one operation.
 * @param input the request's JSON, in DynamoDB's attribute value notation
 * @param trace tells what was consumed, of an operation that failed as well
 * @throws ServiceError with DynamoDB's own error type
 */
export async function runOperation(
  store: Store,
  operation: TableOperation,
  input: unknown,
  trace: OperationTrace = newTrace(),
): Promise<object> {
  const { action, input: definition } = OPERATIONS[operation];
  trace.isWrite = Object.hasOwn(WRITES, operation);
  const view = trace.isWrite ? atomicView(store, trace) : store;
  try {
    // A copy, because dynalite changes what it checks.
    const checked = validations.checkTypes(structuredClone(input), definition.types);
    validations.checkValidations(checked, definition.types, definition.custom, store);
    const counts = !trace.isWrite && operation !== 'DescribeTable';
    const asked = counts ? { ReturnConsumedCapacity: 'TOTAL', ...checked } : checked;
    const output = await new Promise<object>((resolve, reject) => {
      action(view, asked, (error, output = {}) => (error ? reject(error) : resolve(output)));
    });
    return counts ? countRead(output, trace, 'ReturnConsumedCapacity' in checked) : output;
  } catch (error) {
    const refusal = RefusalSchema.safeParse(error);
    if (!refusal.success) throw error;
    const { __type, message, Message } = refusal.data.body;
    throw new ServiceError(__type, message ?? Message ?? '', refusal.data.statusCode);
  }
}

/** Notes the units of a read, and hides them from a caller who did not ask. */
function countRead(output: object, trace: OperationTrace, isShown: boolean): object {
  // A caller who wants none of it gets none from dynalite either, so nothing is known.
  const consumed = ConsumedSchema.safeParse(output).data?.ConsumedCapacity;
  Object.assign(trace, { reached: true, readUnits: consumed?.CapacityUnits ?? 0 });
  return isShown ? output : { ...output, ConsumedCapacity: undefined };
}
