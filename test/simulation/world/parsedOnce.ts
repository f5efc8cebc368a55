/**
 * An item of the simulated table is frozen, and is the same object at every read until it is written again: it is
 * parsed at the first of them. What comes out is frozen too, so that a change of it by one reader is seen at once.
 */
import type * as z from 'zod';
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

/**
 * An update leaves most of an item as it was: what it did not touch is the same object in the new one, and need not be
 * parsed again. A schema that is found to be right for an object is so every time.
 */
function parsePartsOnce(schema: { readonly shape: Readonly<Record<string, Part>> }): void {
  for (const { _zod: part } of Object.values(schema.shape)) {
    const run = part.run.bind(part);
    const parsed = new WeakMap<object, unknown>();
    part.run = (payload, context) => {
      const value: unknown = payload.value;
      if (typeof value !== 'object' || value === null || !Object.isFrozen(value)) {
        return run(payload, context);
      }
      if (parsed.has(value)) return Object.assign(payload, { value: parsed.get(value) });
      const result = run(payload, context);
      if (result instanceof Promise || result.issues.length > 0) return result;
      const found: unknown = result.value;
      freeze(found);
      parsed.set(value, found);
      return result;
    };
  }
}
type Part = z.core.$ZodType;

const { out: taskFields } = TaskItemSchema.def;
parsePartsOnce(taskFields);
parsePartsOnce(ShardItemSchema);
for (const schema of [TaskItemSchema, ShardItemSchema, QuotaItemSchema]) parseOnce(schema);
