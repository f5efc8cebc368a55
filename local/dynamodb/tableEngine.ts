/** DynamoDB on one machine: dynalite's operations over a LevelDB folder, behind signatures and policies. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import type { Access } from '../iam/access.ts';
import {
  answerJson,
  answerJsonError,
  receiveJsonCall,
  requirePermission,
  ServiceError,
} from '../net/jsonService.ts';
import type { TableMeter } from '../billing/meter.ts';
import { diskFault, explained, inShort, isFull } from '../disk/diskFault.ts';
import { writeUnits } from './capacity.ts';
import { isTableOperation, newTrace, type OperationTrace, runOperation } from './operations.ts';
import { guardWrites } from './guardWrites.ts';
import { keepDefinitions } from './keepDefinitions.ts';
import { listTables } from './listTables.ts';
import { defineTable } from './tableDefinition.ts';
import { parseTableProperties, type TableProperties } from './tableProperties.ts';
import { REMEDY } from './openingFaults.ts';
import { openStore } from './openStore.ts';
import type { TableCall } from './tableCalls.ts';
import { sweepTable } from './timeToLive.ts';

export interface TableEngineOptions {
  /** Where the data is; it survives a killed process. One engine at a time can have it open. */
  readonly dir: string;
  /** The tables by name, each with its properties in the template, references resolved. */
  readonly tables: Readonly<Record<string, unknown>>;
  readonly access: Access;
  /** Told of each call that DynamoDB would bill. */
  readonly meter?: TableMeter;
  /** Told, once, when nothing can be written any more before the tables are opened again. */
  readonly onBroken?: (error: Error) => void;
}

export interface TableEngine {
  /** Answers one HTTP request (X-Amz-Target: DynamoDB_20120810.*); never rejects. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Runs an operation for the local cloud itself, unsigned. @throws ServiceError */
  readonly call: TableCall;
  /** Deletes what is past its time to live, as DynamoDB does now and then; returns how many items. */
  sweepExpired(): Promise<number>;
  close(): Promise<void>;
}

/**
 * Opens, or begins, the tables in a folder.
 * @throws Error for table properties that are not emulated, or that no longer fit the data
 */
export async function createTableEngine(options: TableEngineOptions): Promise<TableEngine> {
  const { access, meter } = options;
  const tables = Object.entries(options.tables).map(([name, properties]) => ({
    name,
    arn: `arn:aws:dynamodb:${access.region}:${access.accountId}:table/${name}`,
    properties: parseTableProperties(name, properties),
  }));
  const { dir } = options;
  const store = await openStore(dir);
  try {
    for (const table of tables) await defineTable(store, table, access.now());
  } catch (error) {
    await store.db.close();
    throw explained(error, `The tables in ${dir} cannot be written`, REMEDY);
  }
  keepDefinitions(store);
  guardWrites(store, (cause) => {
    const fault = diskFault(cause);
    const reason =
      `The tables in ${dir} cannot be written any more: ${fault ? inShort(fault) : cause.message}.\n` +
      `${fault && isFull(fault) ? 'Make room' : 'Mend it'} and start again: nothing that was answered is lost.`;
    options.onBroken?.(new Error(reason, { cause }));
  });

  async function answer(request: IncomingMessage): Promise<object> {
    const { accessKeyId, operation, input } = await receiveJsonCall(request, access, 'dynamodb');
    if (operation === 'ListTables') {
      // It has no resource: a policy allows it of all or not at all.
      requirePermission(access, accessKeyId, 'dynamodb:ListTables', '*');
      const names = tables.map(({ name }) => name);
      return listTables(names, input);
    }
    if (!isTableOperation(operation)) {
      throw new ServiceError('UnknownOperationException', `${operation} is not emulated.`);
    }
    const { TableName, IndexName } = targetOf(input);
    const table = tables.find(({ name, arn }) => TableName === name || TableName === arn);
    if (!table) throw new ServiceError('ResourceNotFoundException', 'Requested resource not found');
    const resource = IndexName === undefined ? table.arn : `${table.arn}/index/${IndexName}`;
    requirePermission(access, accessKeyId, `dynamodb:${operation}`, resource);
    const trace = newTrace();
    try {
      return await runOperation(store, operation, input, trace);
    } finally {
      if (trace.reached) meter?.call(operation, trace.readUnits, unitsOfWrite(table, trace));
    }
  }

  return {
    async handle(request, response) {
      try {
        answerJson(response, 200, await answer(request));
      } catch (error) {
        answerJsonError(response, error);
      }
    },
    call: (operation, input) => runOperation(store, operation, input),
    async sweepExpired() {
      const seconds = Math.floor(access.now() / 1000);
      let swept = 0;
      for (const { name, properties } of tables) {
        swept += await sweepTable(store, name, properties, seconds);
      }
      return swept;
    },
    close: () => store.db.close(),
  };
}

const unitsOfWrite = ({ properties }: { properties: TableProperties }, trace: OperationTrace) =>
  trace.isWrite ? writeUnits(properties, trace) : 0;

const TargetSchema = z.object({ TableName: z.string(), IndexName: z.string().optional() });

/** What of a request decides over permission. */
function targetOf(input: unknown): z.infer<typeof TargetSchema> {
  const target = TargetSchema.safeParse(input);
  if (target.success) return target.data;
  throw new ServiceError('ValidationException', 'The request does not name its table.');
}
