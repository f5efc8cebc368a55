import { type Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  ApplicationLogLevel,
  Architecture,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { METRICS_NAMESPACE } from '../../shared/names.ts';
import { explainWildcard } from '../wildcards.ts';
import type { FunctionCode } from './bundle.ts';
import { functionName, type HandlerPath } from './handlerPath.ts';

export interface SheafFunctionProps {
  /** The module that exports its handler. */
  readonly handler: HandlerPath;
  /** Where the code of functions is. */
  readonly code: FunctionCode;
  /** What it does, in a sentence for the console. */
  readonly description: string;
  /** Memory, in MiB; it buys computing power in proportion. */
  readonly memoryMiB: number;
  /** How long one call may take. */
  readonly timeout: Duration;
  /** Executions kept for it, and its most (concurrency.ts). Default: none are. */
  readonly reserved?: number | undefined;
}

/** One whole vCPU: JavaScript computes on one thread, so more memory would buy no speed. */
export const ONE_CPU_MIB = 1769;
/** For a call that only waits for other services: a third of a vCPU, for a quick cold start. */
export const SMALL_MIB = 512;

/** For one that waits nearly all of its time, and is billed for that: less makes a cold start slow. */
export const WAITING_MIB = 256;

/** Service name in logs, metrics and traces: one for all functions. */
export const SERVICE_NAME = 'sheaf';

/** How long logs are kept. */
export const LOG_RETENTION = RetentionDays.ONE_MONTH;

/**
 * A Lambda function of Sheaf: what all functions have in common, and no permission but to log and to
 * trace. Table, bucket, stream and workflows grant access to themselves by their `allow…` methods.
 */
export class SheafFunction extends LambdaFunction {
  /** A role that no other function shares. */
  declare readonly role: Role;

  constructor(scope: Construct, id: string, props: SheafFunctionProps) {
    super(scope, id, {
      description: props.description,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      code: props.code(functionName(props.handler)),
      handler: 'index.handler',
      memorySize: props.memoryMiB,
      timeout: props.timeout,
      ...(props.reserved !== undefined && { reservedConcurrentExecutions: props.reserved }),
      tracing: Tracing.ACTIVE,
      loggingFormat: LoggingFormat.JSON,
      applicationLogLevelV2: ApplicationLogLevel.INFO,
      environment: {
        NODE_OPTIONS: '--enable-source-maps',
        POWERTOOLS_SERVICE_NAME: SERVICE_NAME,
        POWERTOOLS_METRICS_NAMESPACE: METRICS_NAMESPACE,
      },
      ...ownLogsAndRole(scope, id),
    });
    explainWildcard(
      this.role,
      '*',
      'X-Ray takes traces of a whole account: its actions know no resources.',
    );
  }
}

/** A log group of its own, and a role that may write to no other. */
function ownLogsAndRole(scope: Construct, id: string) {
  const logGroup = new LogGroup(scope, `${id}Logs`, {
    retention: LOG_RETENTION,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const role = new Role(scope, `${id}Role`, {
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
  });
  logGroup.grantWrite(role);
  return { logGroup, role };
}
