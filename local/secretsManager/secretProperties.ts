/** A secret as the template describes it (CloudFormation, AWS::SecretsManager::Secret). */
import { z } from 'zod';
import type { Resource } from '../cloudFormation/resolve.ts';

/** Strict, so that a property with an effect that is not emulated stops the start with its name. */
const PropertiesSchema = z.strictObject({
  Name: z.string().optional(),
  Description: z.string().optional(),
  GenerateSecretString: z.strictObject({
    PasswordLength: z.int().min(1).max(4096).default(32),
    ExcludePunctuation: z.literal(true),
  }),
});

export interface SecretDefinition {
  readonly arn: string;
  readonly name: string;
  /** How many letters and digits it has. */
  readonly characters: number;
}

/** The part of an ARN behind the name, which Secrets Manager makes up: a hyphen and six characters. */
const ARN_TAIL = /-\w{6}$/;

/** An ARN as it may be given, too: without what Secrets Manager made up. */
export const withoutTail = (arn: string): string => arn.replace(ARN_TAIL, '');

/** The name of the secret that an ARN is of. */
export const nameOf = (arn: string): string => withoutTail(arn).split(':').at(-1) ?? '';

/** @throws Error for properties that the local cloud does not emulate */
export function secretDefinition({ logicalId, ref, properties }: Resource): SecretDefinition {
  const parsed = PropertiesSchema.safeParse(properties);
  if (!parsed.success) {
    throw new Error(
      `The secret ${logicalId} cannot be run locally:\n${z.prettifyError(parsed.error)}`,
    );
  }
  return {
    arn: ref,
    name: nameOf(ref),
    characters: parsed.data.GenerateSecretString.PasswordLength,
  };
}
