/** The template's function URLs, as the local cloud serves them. */
import { z } from 'zod';
import { CorsSchema, type CorsConfiguration } from './gateways.ts';
import type { Resource } from './resolve.ts';

const PropertiesSchema = z.object({
  TargetFunctionArn: z.string(),
  // Signed requests and answers in one piece are not emulated.
  AuthType: z.literal('NONE'),
  InvokeMode: z.literal('RESPONSE_STREAM'),
  Cors: CorsSchema.optional(),
});

export interface FunctionUrl {
  readonly functionArn: string;
  readonly cors: CorsConfiguration | undefined;
}

/** Reads one AWS::Lambda::Url. */
export function functionUrl({ properties }: Resource): FunctionUrl {
  const { TargetFunctionArn, Cors } = PropertiesSchema.parse(properties);
  return { functionArn: TargetFunctionArn, cors: Cors };
}
