/** Environment variables, read through a schema: a missing one stops the start with its name. */
import * as z from 'zod';
import type { EgressRules } from '../../shared/egress/addresses.ts';
import { readHosts } from '../../shared/egress/hosts.ts';
import type { ServicePlace } from '../adapters/clients/jsonService.ts';
import { readCredentials } from './credentials.ts';
import { ALLOW_LOOPBACK_TARGETS, ENV } from '../../shared/names.ts';

type EnvironmentName = keyof typeof ENV;

const arn = z.string().startsWith('arn:');
const SCHEMAS: Record<EnvironmentName, z.ZodType<string>> = {
  table: z.string().min(1),
  bucket: z.string().min(1),
  taskWorkflow: arn,
  ingestWorkflow: arn,
  scheduleWorkflow: arn,
  deliveryWorkflow: arn,
  trialWorkflow: arn,
  webhookSecret: arn,
  connectionSecrets: arn,
  serviceHosts: z.string().min(1),
  taskConcurrency: z.string().regex(/^[1-9]\d*$/),
  apiUrl: z.url({ protocol: /^https?$/ }),
  websocketUrl: z.url({ protocol: /^wss?$/ }),
  eventsUrl: z.url({ protocol: /^https?$/ }),
  eventStreams: z.string().regex(/^[1-9]\d*$/),
  websocketManagementUrl: z.url({ protocol: /^https?$/ }),
  consoleBucket: z.string().min(1),
  consoleDistribution: z.string().min(1),
};

/**
 * The values that a function needs, by their names in ENV.
 * @throws Error that names the first variable that is missing or malformed
 */
export function readEnvironment<Name extends EnvironmentName>(
  names: readonly Name[],
  variables: Readonly<Record<string, string | undefined>> = process.env,
): Record<Name, string> {
  const read = names.map((name) => {
    const variable = ENV[name];
    const value = SCHEMAS[name].safeParse(variables[variable]);
    if (!value.success) {
      const fault = variables[variable] === undefined ? 'is missing' : 'is malformed';
      throw new Error(`The environment variable ${variable} ${fault}: infra/ sets it.`);
    }
    return [name, value.data];
  });
  return Object.fromEntries(read) as Record<Name, string>;
}

/** Address of the API. Needs API_URL. */
export const readApiUrl = () => readEnvironment(['apiUrl']);

/** Addresses that tickets are good for. Needs WEBSOCKET_URL and EVENTS_URL. */
export const readStreamUrls = () => readEnvironment(['websocketUrl', 'eventsUrl']);

const PlaceSchema = z.object({
  AWS_REGION: z.string().min(1),
  AWS_ENDPOINT_URL: z.url().optional(),
});

/**
 * Where the services are and who calls them, as Lambda sets it, and the local cloud, which sets an address
 * besides.
 * @throws Error that names what is missing
 */
export function readServicePlace(): ServicePlace {
  const { AWS_REGION: region, AWS_ENDPOINT_URL: endpoint } = PlaceSchema.parse(process.env);
  return { region, endpoint, credentials: readCredentials() };
}

/** The folder of the function's bundle, as Lambda names it. @throws Error that names what is missing */
export const readTaskRoot = (): string =>
  z.object({ LAMBDA_TASK_ROOT: z.string().min(1) }).parse(process.env).LAMBDA_TASK_ROOT;

/**
 * Where requests to others may go. The machine itself is a target only where the local cloud was told so: in
 * Lambda, whose runtime listens there, the setting means nothing.
 */
export const readEgressRules = (
  variables: Readonly<Record<string, string | undefined>> = process.env,
): EgressRules => ({
  allowLoopback:
    variables[ALLOW_LOOPBACK_TARGETS] === '1' && variables['AWS_EXECUTION_ENV'] === undefined,
});

/**
 * The same for services that rows are sent to: those that the operator lists. Needs SERVICE_HOSTS.
 * @throws Error that names the variable when it is missing or malformed
 */
export function readServiceEgressRules(
  variables: Readonly<Record<string, string | undefined>> = process.env,
): EgressRules {
  const read = readHosts(readEnvironment(['serviceHosts'], variables).serviceHosts);
  if ('fault' in read) {
    throw new Error(`The environment variable ${ENV.serviceHosts} is malformed: it ${read.fault}.`);
  }
  return { ...readEgressRules(variables), hosts: read.hosts };
}
