/** The environment variables of a function instance. */
import { devNull } from 'node:os';
import { ALLOW_LOOPBACK_TARGETS, ENV } from '../../shared/names.ts';
import type { Credentials } from '../iam/signing.ts';
import type { FunctionDefinition } from '../cloudFormation/functionDefinitions.ts';
import { LOCAL_REGION } from '../cloudFormation/resourceTypes.ts';

/** Where the local cloud's own servers are. */
export interface LocalAddresses {
  /** What the SDK clients talk to, @connections included. */
  readonly servicesUrl: string;
  /** Of the HTTPS API, with its base path. */
  readonly apiUrl: string;
  readonly websocketUrl: string;
  readonly eventsUrl: string;
}

/** What the person at this machine chose for the functions. */
export interface FunctionChoices {
  /** Requests to others may go to this machine. */
  readonly allowLoopbackTargets: boolean;
  /** Hosts that connections and row steps may name, where the template's are not meant. */
  readonly serviceHosts?: string | undefined;
}

/**
 * What the template sets, what Lambda sets
 * (https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime),
 * and what points the SDK at this machine. AWS_EXECUTION_ENV is left out: it tells that X-Ray is there.
 */
export function functionEnvironment(
  definition: FunctionDefinition,
  credentials: Credentials,
  { servicesUrl, apiUrl, websocketUrl, eventsUrl }: LocalAddresses,
  { allowLoopbackTargets, serviceHosts }: FunctionChoices = { allowLoopbackTargets: false },
): Record<string, string> {
  const local = {
    ...(serviceHosts !== undefined && { [ENV.serviceHosts]: serviceHosts }),
    [ENV.apiUrl]: apiUrl,
    [ENV.websocketUrl]: websocketUrl,
    [ENV.websocketManagementUrl]: servicesUrl,
    [ENV.eventsUrl]: eventsUrl,
  };
  const set = Object.entries(local).filter(([name]) => name in definition.environment);
  return {
    ...definition.environment,
    ...Object.fromEntries(set),
    ...(allowLoopbackTargets && { [ALLOW_LOOPBACK_TARGETS]: '1' }),
    TZ: ':UTC',
    LANG: 'en_US.UTF-8',
    _HANDLER: definition.handler,
    LAMBDA_TASK_ROOT: definition.folder,
    AWS_REGION: LOCAL_REGION,
    AWS_DEFAULT_REGION: LOCAL_REGION,
    AWS_LAMBDA_FUNCTION_NAME: definition.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(definition.memoryMegabytes),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_ENDPOINT_URL: servicesUrl,
    // Settings of the person at this machine are not the function's.
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  };
}
