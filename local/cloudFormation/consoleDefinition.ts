/** The console, as the template has it: its files, and what goes with them. */
import { join } from 'node:path';
import { z } from 'zod';
import { CONSOLE_FOLDER } from '../../shared/console/consoleFiles.ts';
import type { FunctionDefinition } from './functionDefinitions.ts';
import type { Resource } from './resolve.ts';

const PublishedSchema = z.object({ ServiceToken: z.string() });

const PolicySchema = z.object({
  ResponseHeadersPolicyConfig: z.object({
    SecurityHeadersConfig: z.object({
      ContentSecurityPolicy: z.object({ ContentSecurityPolicy: z.string() }),
      ContentTypeOptions: z.object({ Override: z.literal(true) }),
      FrameOptions: z.object({ FrameOption: z.string() }),
      ReferrerPolicy: z.object({ ReferrerPolicy: z.string() }),
      // Browsers take it over https only.
      StrictTransportSecurity: z.unknown(),
    }),
    CustomHeadersConfig: z.object({
      Items: z.array(z.object({ Header: z.string(), Value: z.string() })),
    }),
  }),
});

export interface ConsoleDefinition {
  /** Absolute folder of its files. */
  readonly folder: string;
  /** Of every answer; the policy names the addresses that it has in AWS. */
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Reads the resource that stands for the files of the console, and the headers of its distribution.
 * @param functions those of the template: the one that publishes the files has them in its bundle
 */
export function consoleDefinition(
  published: Resource,
  policy: Resource,
  functions: readonly FunctionDefinition[],
): ConsoleDefinition {
  const { ServiceToken } = PublishedSchema.parse(published.properties);
  const publisher = functions.find(({ arn }) => arn === ServiceToken);
  if (!publisher) throw new Error(`No function publishes ${published.logicalId}.`);
  const { SecurityHeadersConfig: security, CustomHeadersConfig: custom } = PolicySchema.parse(
    policy.properties,
  ).ResponseHeadersPolicyConfig;
  return {
    folder: join(publisher.folder, CONSOLE_FOLDER),
    headers: {
      'content-security-policy': security.ContentSecurityPolicy.ContentSecurityPolicy,
      'x-content-type-options': 'nosniff',
      'x-frame-options': security.FrameOptions.FrameOption,
      'referrer-policy': security.ReferrerPolicy.ReferrerPolicy,
      ...Object.fromEntries(custom.Items.map(({ Header, Value }) => [Header.toLowerCase(), Value])),
    },
  };
}
