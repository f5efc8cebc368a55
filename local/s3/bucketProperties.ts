/** A bucket as the template describes it (CloudFormation, AWS::S3::Bucket). */
import { z } from 'zod';

/** Has no effect on one machine: encryption, public access, tags and the like. */
const withoutEffect = z.unknown().optional();

const CorsRuleSchema = z.strictObject({
  Id: z.string().optional(),
  AllowedOrigins: z.array(z.string()).min(1),
  AllowedMethods: z.array(z.string()).min(1),
  AllowedHeaders: z.array(z.string()).default([]),
  ExposedHeaders: z.array(z.string()).default([]),
  /** Seconds. */
  MaxAge: z.int().optional(),
});
export type CorsRule = z.infer<typeof CorsRuleSchema>;

const LifecycleRuleSchema = z.strictObject({
  Id: z.string().optional(),
  Status: z.enum(['Enabled', 'Disabled']),
  Prefix: z.string().default(''),
  ExpirationInDays: z.int().min(1).optional(),
  AbortIncompleteMultipartUpload: z
    .strictObject({ DaysAfterInitiation: z.int().min(1) })
    .optional(),
});
export type LifecycleRule = z.infer<typeof LifecycleRuleSchema>;

/** Strict, so that a property with an effect that is not emulated stops the start with its name. */
const BucketPropertiesSchema = z.strictObject({
  BucketName: z.string().optional(),
  CorsConfiguration: z.strictObject({ CorsRules: z.array(CorsRuleSchema) }).optional(),
  LifecycleConfiguration: z.strictObject({ Rules: z.array(LifecycleRuleSchema) }).optional(),
  BucketEncryption: withoutEffect,
  LoggingConfiguration: withoutEffect,
  MetricsConfigurations: withoutEffect,
  OwnershipControls: withoutEffect,
  PublicAccessBlockConfiguration: withoutEffect,
  Tags: withoutEffect,
});

/** What of a bucket's properties has an effect here. */
export interface BucketRules {
  readonly cors: readonly CorsRule[];
  readonly lifecycle: readonly LifecycleRule[];
}

/**
 * @param bucket named in the error
 * @throws Error for properties that the local cloud does not emulate
 */
export function parseBucketProperties(bucket: string, properties: unknown): BucketRules {
  const parsed = BucketPropertiesSchema.safeParse(properties);
  if (!parsed.success) {
    throw new Error(
      `The bucket ${bucket} cannot be run locally:\n${z.prettifyError(parsed.error)}`,
    );
  }
  const { CorsConfiguration, LifecycleConfiguration } = parsed.data;
  return {
    cors: CorsConfiguration?.CorsRules ?? [],
    lifecycle: (LifecycleConfiguration?.Rules ?? []).filter(({ Status }) => Status === 'Enabled'),
  };
}
