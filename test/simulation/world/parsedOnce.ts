/**
 * An item of the simulated table is frozen, and is the same object at every read until it is written again: it is
 * parsed at the first of them. What comes out is frozen too, so that a change of it by one reader is seen at once.
 */
import { ShardItemSchema, TaskItemSchema } from '../../../shared/schemas/items.ts';
import { QuotaItemSchema } from '../../../shared/schemas/quota.ts';

function freeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  for (const part of Object.values(value)) freeze(part);
}

function parseOnce(schema: { parse(value: unknown): unknown }): void {
  const parse = schema.parse.bind(schema);
  const parsed = new WeakMap<object, unknown>();
  schema.parse = (value) => {
    if (typeof value !== 'object' || value === null || !Object.isFrozen(value)) return parse(value);
    const before = parsed.get(value);
    if (before !== undefined) return before;
    const result = parse(value);
    freeze(result);
    parsed.set(value, result);
    return result;
  };
}

for (const schema of [TaskItemSchema, ShardItemSchema, QuotaItemSchema]) parseOnce(schema);
