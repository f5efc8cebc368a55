/** What an owner may have at a time and in all: what docs/operations.md does by hand in AWS. */
import { z } from 'zod';
import { tableKeys } from '../../shared/keys.ts';
import { TASK_LIMIT_DEFAULT, TASK_LIMIT_MAX } from '../../shared/limits.ts';
import type { KeyTable } from './apiKeys.ts';

/** A limit as the command takes it: tasks=10, documents=5000, documents=none. */
const SETTING = /^(tasks|documents)=(\d{1,12}|none)$/;
const USAGE = 'A limit is tasks=N, documents=N, or documents=none.';

export const LimitSettingSchema = z.string().transform((text, context) => {
  const [, name, value] = SETTING.exec(text) ?? [];
  const number = value === 'none' ? undefined : Number(value);
  if (name === undefined) {
    context.addIssue(USAGE);
    return z.NEVER;
  }
  if (name === 'documents') return { attribute: 'documentBudget', value: number } as const;
  if (number !== undefined && number >= 1 && number <= TASK_LIMIT_MAX) {
    return { attribute: 'taskLimit', value: number } as const;
  }
  context.addIssue(`An owner may have 1 to ${TASK_LIMIT_MAX} tasks at a time: tasks=N.`);
  return z.NEVER;
});
export type LimitSetting = z.output<typeof LimitSettingSchema>;

const keyOfOwner = (ownerId: string) => {
  const { pk, sk } = tableKeys.quota(ownerId);
  return { pk: { S: pk }, sk: { S: sk } };
};

/** Sets limits of an owner; those that are not named stay. Tasks that wait notice within a minute. */
export async function setLimits(
  { call, tableName }: KeyTable,
  ownerId: string,
  settings: readonly LimitSetting[],
): Promise<void> {
  // Of two settings of one limit the last one holds.
  const limits = new Map(settings.map(({ attribute, value }) => [attribute, value]));
  for (const [attribute, value] of limits) {
    await call('UpdateItem', {
      TableName: tableName,
      Key: keyOfOwner(ownerId),
      UpdateExpression: value === undefined ? 'REMOVE #limit' : 'SET #limit = :value',
      ExpressionAttributeNames: { '#limit': attribute },
      ...(value !== undefined && { ExpressionAttributeValues: { ':value': { N: String(value) } } }),
    });
  }
}

const number = z.object({ N: z.coerce.number() }).transform(({ N }) => N);
const StoredSchema = z.object({
  Item: z
    .object({
      taskLimit: number.default(TASK_LIMIT_DEFAULT),
      documentBudget: number.optional(),
      used: number.default(0),
    })
    .prefault({}),
});

/** The limits of an owner in words, with what is used up. */
export async function tellLimits({ call, tableName }: KeyTable, ownerId: string): Promise<string> {
  const input = { TableName: tableName, Key: keyOfOwner(ownerId), ConsistentRead: true };
  const { taskLimit, documentBudget, used } = StoredSchema.parse(await call('GetItem', input)).Item;
  const words = (n: number) => n.toLocaleString('en-US');
  const budget =
    documentBudget === undefined
      ? 'any number of documents'
      : `${words(documentBudget)} documents in all, of which ${words(used)} are used`;
  const tasks = taskLimit === 1 ? '1 task' : `${words(taskLimit)} tasks`;
  return `${ownerId}: ${tasks} at a time, ${budget}.`;
}
