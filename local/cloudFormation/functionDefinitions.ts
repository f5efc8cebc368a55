/** The template's Lambda functions, as the function pool runs them. */
import { z } from 'zod';
import type { Resource } from './resolve.ts';

const PropertiesSchema = z.object({
  Handler: z.string(),
  Role: z.string(),
  Code: z.object({ S3Key: z.string() }),
  // Defaults of AWS::Lambda::Function.
  MemorySize: z.number().default(128),
  Timeout: z.number().default(3),
  ReservedConcurrentExecutions: z.number().optional(),
  Environment: z.object({ Variables: z.record(z.string(), z.string()).default({}) }).optional(),
});

export interface FunctionDefinition {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  /** `file.export`, such as `index.handler`. */
  readonly handler: string;
  /** Absolute folder of the bundle. */
  readonly folder: string;
  readonly memoryMegabytes: number;
  readonly timeoutMs: number;
  /** Executions at a time, at most; undefined where the account's own limit holds. */
  readonly reserved: number | undefined;
  readonly environment: Readonly<Record<string, string>>;
  /** ARN of the role whose policies its calls are checked against. */
  readonly roleArn: string;
}

/**
 * Reads one AWS::Lambda::Function.
 * @param assetFolders folder of each asset, by the object key that `Code` names
 */
export function functionDefinition(
  resource: Resource,
  assetFolders: ReadonlyMap<string, string>,
): FunctionDefinition {
  const properties = PropertiesSchema.parse(resource.properties);
  const folder = assetFolders.get(properties.Code.S3Key);
  if (folder === undefined) {
    throw new Error(`The code of ${resource.logicalId} is not among the assets of the assembly.`);
  }
  return {
    logicalId: resource.logicalId,
    name: resource.ref,
    arn: resource.arn ?? '',
    handler: properties.Handler,
    folder,
    memoryMegabytes: properties.MemorySize,
    timeoutMs: properties.Timeout * 1000,
    reserved: properties.ReservedConcurrentExecutions,
    environment: properties.Environment?.Variables ?? {},
    roleArn: properties.Role,
  };
}
