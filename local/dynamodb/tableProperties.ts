/** A table as the template describes it (CloudFormation, AWS::DynamoDB::Table and ::GlobalTable). */
import { z } from 'zod';

const KeySchemaSchema = z.array(
  z.strictObject({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) }),
);

/** Has no effect on one machine: backups, encryption, capacity and the like. */
const withoutEffect = z.unknown().optional();

/** Strict, so that a property with an effect that is not emulated stops the start with its name. */
const TablePropertiesSchema = z.strictObject({
  KeySchema: KeySchemaSchema,
  AttributeDefinitions: z.array(
    z.strictObject({ AttributeName: z.string(), AttributeType: z.enum(['S', 'N', 'B']) }),
  ),
  GlobalSecondaryIndexes: z
    .array(
      z.strictObject({
        IndexName: z.string(),
        KeySchema: KeySchemaSchema,
        Projection: z.strictObject({
          ProjectionType: z.enum(['ALL', 'KEYS_ONLY', 'INCLUDE']),
          NonKeyAttributes: z.array(z.string()).optional(),
        }),
        WarmThroughput: withoutEffect,
      }),
    )
    .optional(),
  TimeToLiveSpecification: z
    .strictObject({ AttributeName: z.string().optional(), Enabled: z.boolean() })
    .optional(),
  TableName: z.string().optional(),
  BillingMode: withoutEffect,
  ContributorInsightsSpecification: withoutEffect,
  DeletionProtectionEnabled: withoutEffect,
  OnDemandThroughput: withoutEffect,
  PointInTimeRecoverySpecification: withoutEffect,
  ProvisionedThroughput: withoutEffect,
  Replicas: withoutEffect,
  SSESpecification: withoutEffect,
  TableClass: withoutEffect,
  Tags: withoutEffect,
  WarmThroughput: withoutEffect,
  WriteOnDemandThroughputSettings: withoutEffect,
});
export type TableProperties = z.infer<typeof TablePropertiesSchema>;

/**
 * @param tableName named in the error
 * @throws Error for properties that the local cloud does not emulate
 */
export function parseTableProperties(tableName: string, properties: unknown): TableProperties {
  const parsed = TablePropertiesSchema.safeParse(properties);
  if (parsed.success) return parsed.data;
  throw new Error(
    `The table ${tableName} cannot be run locally:\n${z.prettifyError(parsed.error)}`,
  );
}
