/** Schemas of boundaries as JSON Schema 2020-12, which OpenAPI 3.1 speaks. */
import * as z from 'zod';
import { RowSchema } from '../../shared/schemas/common.ts';
import { StepBodySchema } from '../../shared/schemas/rowSteps.ts';

export type JsonSchema = z.core.JSONSchema.BaseSchema;

/**
 * @param side `input` is what clients send (defaults may be left out), `output` what they get (fields
 *   may be added in the future, so none is said to be the last)
 */
export function toJsonSchema(schema: z.ZodType, side: 'input' | 'output'): JsonSchema {
  const json: JsonSchema = z.toJSONSchema(schema, {
    io: side,
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema === RowSchema) jsonSchema.additionalProperties = true;
      if (zodSchema === StepBodySchema) {
        delete jsonSchema.anyOf;
        delete jsonSchema.$ref;
      }
      tidy(jsonSchema, side);
    },
  });
  delete json.$schema;
  // Of the schemas that refer to themselves there is only those of JSON, replaced above.
  delete json.$defs;
  if (JSON.stringify(json).includes('"$ref":"#'))
    throw new Error('A schema refers to itself: describe it.');
  return json;
}

/** Leaves out what says nothing to a reader, and keeps examples where OpenAPI 3.1 looks for them. */
function tidy(json: JsonSchema, side: 'input' | 'output'): void {
  if (json.format === 'date-time') delete json.pattern;
  if (json.minimum === Number.MIN_SAFE_INTEGER) delete json.minimum;
  if (json.maximum === Number.MAX_SAFE_INTEGER) delete json.maximum;
  if (JSON.stringify(json.propertyNames) === '{"type":"string"}') delete json.propertyNames;
  if (side === 'output' && json.additionalProperties === false) delete json.additionalProperties;
  if ('example' in json) {
    json.examples = [json.example];
    delete json.example;
  }
}
