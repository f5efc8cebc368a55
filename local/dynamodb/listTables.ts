/** ListTables (DynamoDB API Reference). */
import { z } from 'zod';
import { ServiceError } from '../net/jsonService.ts';

const PAGE_MAX = 100;

const InputSchema = z.object({
  ExclusiveStartTableName: z.string().optional(),
  Limit: z.int().min(1).max(PAGE_MAX).default(PAGE_MAX),
});

/** A page of the names, in their order. @throws ServiceError ValidationException */
export function listTables(names: readonly string[], input: unknown): object {
  const parsed = InputSchema.safeParse(input);
  if (!parsed.success) {
    throw new ServiceError('ValidationException', `Limit must be from 1 to ${PAGE_MAX}.`);
  }
  const { ExclusiveStartTableName: after = '', Limit } = parsed.data;
  const left = names.filter((name) => name > after).sort();
  const page = left.slice(0, Limit);
  const last = page.at(-1);
  return {
    TableNames: page,
    ...(page.length < left.length && last !== undefined && { LastEvaluatedTableName: last }),
  };
}
