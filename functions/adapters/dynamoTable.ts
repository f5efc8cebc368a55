/** The table port over DynamoDB. */
import * as z from 'zod';
import { OWNER_INDEXES, TABLE_KEYS } from '../../shared/names.ts';
import type { Clock, Condition, Item, Query, Table } from '../../shared/ports.ts';
import { attributeValues, itemOf } from './attributeValues.ts';
import { calling } from './calling.ts';
import { CALL_LIMITS, type CallLimits } from './callLimits.ts';
import type { JsonService } from './clients/jsonService.ts';
import { badCursor, decodeCursor, encodeCursor } from './cursor.ts';
import {
  conditionExpression,
  createPlaceholders,
  type Placeholders,
  updateExpression,
} from './expressions.ts';
import { isNamed } from './sdkErrors.ts';

const DEFAULT_LIMIT = 100;

/** Of the outputs, what is read; itemOf reads the items themselves. */
const GotSchema = z.object({ Item: z.unknown().optional() });
const UpdatedSchema = z.object({ Attributes: z.unknown() });
const PageSchema = z.object({
  Items: z.array(z.unknown()),
  LastEvaluatedKey: z.unknown().optional(),
});

/** The attributes that a query is about: those of the table, or of one of its indexes. */
const TABLE = {
  partition: TABLE_KEYS.partition,
  sort: TABLE_KEYS.sort,
  position: [TABLE_KEYS.sort],
};
function keysOf({ index }: Pick<Query, 'index'>) {
  if (index === undefined) return TABLE;
  const { partition, sort } = OWNER_INDEXES[index];
  // An index may hold several items of one sort key: the table's key tells them apart.
  return { partition, sort, position: [sort, TABLE_KEYS.partition, TABLE_KEYS.sort] };
}

/**
 * The table port over one DynamoDB table. Throws WorkflowError serviceUnavailable when DynamoDB fails
 * in a way that may pass, and Problem VALIDATION_ERROR for a cursor that no query of it gave out.
 */
export function createDynamoTable({
  tableName,
  clock,
  client,
  limits = CALL_LIMITS,
}: {
  tableName: string;
  clock: Pick<Clock, 'now'>;
  client: JsonService;
  limits?: Pick<CallLimits, 'table'>;
}): Table {
  const call = (operation: string, input: object): Promise<unknown> =>
    calling('DynamoDB', limits.table, (options) =>
      client(operation, { TableName: tableName, ...input }, options),
    );

  /** Runs a conditional write; a condition that does not hold gives undefined. */
  async function write(operation: string, input: object): Promise<unknown> {
    try {
      return await call(operation, input);
    } catch (error) {
      if (isNamed(error, 'ConditionalCheckFailedException')) return undefined;
      throw error;
    }
  }

  /** DynamoDB deletes expired items within days; until then they are filtered here. */
  function isLive(item: Item): boolean {
    const expiry = item[TABLE_KEYS.expiry];
    return typeof expiry !== 'number' || expiry > clock.now() / 1000;
  }

  return {
    async get(key) {
      const input = { Key: attributeValues(key), ConsistentRead: true };
      const { Item: found } = GotSchema.parse(await call('GetItem', input));
      const item = found === undefined ? undefined : itemOf(found);
      return item && isLive(item) ? item : undefined;
    },

    async put(key, item, condition) {
      const use = createPlaceholders();
      const input = {
        Item: attributeValues({ ...item, ...key }),
        ...conditionMember(condition, use),
        ...use.members(),
      };
      return (await write('PutItem', input)) !== undefined;
    },

    async update(key, change, condition) {
      const use = createPlaceholders();
      const input = {
        Key: attributeValues(key),
        UpdateExpression: updateExpression(change, use),
        ...conditionMember(condition, use),
        ...use.members(),
        ReturnValues: 'ALL_NEW',
      };
      const output = await write('UpdateItem', input);
      return output === undefined ? undefined : itemOf(UpdatedSchema.parse(output).Attributes);
    },

    async delete(key, condition) {
      const use = createPlaceholders();
      const input = {
        Key: attributeValues(key),
        ...conditionMember(condition, use),
        ...use.members(),
      };
      return (await write('DeleteItem', input)) !== undefined;
    },

    async query(query) {
      const limit = query.limit ?? DEFAULT_LIMIT;
      const { position } = keysOf(query);
      const input = queryInput(query);
      const found: Item[] = [];
      let start: unknown = query.after === undefined ? undefined : startKey(query, query.after);
      // One more than asked for tells whether there is a next page; expired items do not count.
      do {
        const output = await call('Query', {
          ...input,
          Limit: limit + 1 - found.length,
          ExclusiveStartKey: start,
        }).catch((error: unknown) => {
          // What else of the request could be invalid is ours and tested; the cursor is a client's.
          throw query.after && isNamed(error, 'ValidationException') ? badCursor(error) : error;
        });
        const page = PageSchema.parse(output);
        found.push(...page.Items.map(itemOf).filter(isLive));
        start = page.LastEvaluatedKey;
      } while (start !== undefined && found.length <= limit);

      const items = found.slice(0, limit);
      const last = items.at(-1);
      if (!last || found.length <= limit) return { items };
      return { items, next: encodeCursor(position.map((name) => String(last[name]))) };
    },
  };
}

function conditionMember(condition: Condition | undefined, use: Placeholders) {
  return condition ? { ConditionExpression: conditionExpression(condition, use) } : {};
}

function queryInput(query: Query): object {
  const { partition, sort } = keysOf(query);
  const use = createPlaceholders();
  const parts = [`${use.name(partition)} = ${use.value(query.partition)}`];
  const range = rangeOf(query);
  if (range) {
    const [from, to] = range.map((bound) => use.value(bound));
    parts.push(`${use.name(sort)} BETWEEN ${from} AND ${to}`);
  } else if (query.prefix) {
    parts.push(`begins_with(${use.name(sort)}, ${use.value(query.prefix)})`);
  }
  return {
    // A global index cannot be read strongly.
    ...(query.index ? { IndexName: query.index } : { ConsistentRead: true }),
    KeyConditionExpression: parts.join(' AND '),
    ScanIndexForward: !query.descending,
    ...use.members(),
  };
}

/** Behind every sort key of a prefix: keys are made of ASCII, whose bytes are below any of these. */
const BEHIND = '\u{10ffff}';

/** Sort keys between bounds: a key condition is either this or a prefix. */
function rangeOf({ prefix, from, to }: Query): [string, string] | undefined {
  if (prefix === undefined || (from === undefined && to === undefined)) return undefined;
  return [from ?? prefix, to ?? `${prefix}${BEHIND}`];
}

/** The key to go on behind; the partition is the query's own, whatever the cursor says. */
function startKey(query: Query, cursor: string): object {
  const { partition, position } = keysOf(query);
  const values = decodeCursor(cursor, position.length, query.prefix);
  return attributeValues({
    [partition]: query.partition,
    ...Object.fromEntries(position.map((name, i) => [name, values[i] ?? ''])),
  });
}
