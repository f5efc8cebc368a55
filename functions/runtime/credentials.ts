/**
 * A function's credentials: they are in its environment, for as long as that lives, and nowhere else
 * (https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime).
 * In the bundles this module stands for `@aws-sdk/credential-provider-node` as well (infra/functions/bundle.ts).
 */
import * as z from 'zod';

const VariablesSchema = z.object({
  AWS_ACCESS_KEY_ID: z.string().min(1),
  AWS_SECRET_ACCESS_KEY: z.string().min(1),
  AWS_SESSION_TOKEN: z.string().optional(),
});

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** @throws Error when the environment has none: functions run in Lambda, or as in Lambda */
export function readCredentials(): Credentials {
  const found = VariablesSchema.safeParse(process.env);
  if (!found.success) {
    throw new Error('AWS_ACCESS_KEY_ID or AWS_SECRET_ACCESS_KEY is missing in the environment.');
  }
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = found.data;
  return {
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    ...(AWS_SESSION_TOKEN !== undefined && { sessionToken: AWS_SESSION_TOKEN }),
  };
}

/** What the clients of the SDK ask for when they are given no credentials. */
export const defaultProvider = () => async (): Promise<Credentials> => readCredentials();
