/** What an operator may choose, as context: defaults in cdk.json, others by `cdk deploy -c sheaf:…=…`. */
import type { Node } from 'constructs';
import { z } from 'zod';
import { readHosts } from '../shared/egress/hosts.ts';

/** The command line hands every value over as text. */
const flag = z.union([z.boolean(), z.stringbool()]);
const origins = z
  .union([z.array(z.string()), z.string().transform((text) => text.split(/\s*,\s*/))])
  .pipe(z.array(z.string().regex(/^(\*|https?:\/\/[^/\s]+)$/, 'Not an origin such as https://…')));

const hosts = z.string().superRefine((text, context) => {
  const read = readHosts(text);
  if ('fault' in read) context.addIssue(read.fault);
});

const SettingsSchema = z.object({
  stackName: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9-]{0,60}$/)
    .describe('Name of the CloudFormation stack; another name is another deployment.'),
  retainData: flag.describe('Whether table and bucket outlive the stack.'),
  deletionProtection: flag.describe(
    'Whether stack and table refuse deletion; to be turned on once the first deployment stands.',
  ),
  lambdaConcurrency: z.coerce
    .number()
    .int()
    .min(2)
    .describe('Executions at a time that Lambda allows the account: a new one has 10.'),
  eventStreams: z.coerce
    .number()
    .int()
    .min(1)
    .max(500)
    .describe(
      'Streams of server-sent events at a time; each holds an execution, and more than a fifth of lambdaConcurrency are not opened.',
    ),
  allowedOrigins: origins.describe(
    'Origins whose pages may call the API and the bucket; * is any.',
  ),
  console: flag.describe('Whether the console is deployed: a page behind CloudFront.'),
  serviceHosts: hosts.describe(
    'Hosts that connections and row steps may name, such as api.example.com and *.example.com, separated by commas; * is any public one.',
  ),
  websocketUrl: z
    .url({ protocol: /^wss$/ })
    .optional()
    .describe(
      'Address that clients connect to, when a domain of yours leads to the WebSocket API.',
    ),
  alarmTopicArn: z
    .string()
    .startsWith('arn:')
    .optional()
    .describe('SNS topic that alarms are sent to.'),
  laterAlarmTopicArn: z
    .string()
    .startsWith('arn:')
    .optional()
    .describe('SNS topic for alarms that can wait. Default: alarmTopicArn.'),
});
export type Settings = z.infer<typeof SettingsSchema>;

/** Names of the settings, as they stand after `sheaf:`. */
export const SETTING_NAMES = Object.keys(SettingsSchema.shape);

/**
 * The settings of an app.
 * @throws ZodError that names the setting at fault
 */
export function readSettings(node: Node): Settings {
  const given = SETTING_NAMES.map((name) => [name, node.tryGetContext(`sheaf:${name}`) as unknown]);
  return SettingsSchema.parse(Object.fromEntries(given));
}
