/** The whole template, as the parts of the local cloud take it up. */
import type { Assembly } from './cloudTemplate.ts';
import { consoleDefinition, type ConsoleDefinition } from './consoleDefinition.ts';
import { functionDefinition, type FunctionDefinition } from './functionDefinitions.ts';
import { functionUrl, type FunctionUrl } from './functionUrls.ts';
import { gatewayApi, type GatewayApi } from './gateways.ts';
import { CONSOLE_RESOURCE, ENV } from '../../shared/names.ts';
import { resolveTemplate, type Resource } from './resolve.ts';
import { rolePolicies, type RolePolicies } from './rolePolicies.ts';
import { scheduleRule, type ScheduleRule } from './scheduleRules.ts';
import { secretDefinition, type SecretDefinition } from '../secretsManager/secretProperties.ts';
import { stateMachine, type StateMachineDefinition } from './stateMachines.ts';

export interface CloudModel {
  readonly functions: readonly FunctionDefinition[];
  readonly httpApi: GatewayApi;
  readonly socketApi: GatewayApi;
  readonly functionUrl: FunctionUrl;
  /** Undefined where the template has none. */
  readonly console: ConsoleDefinition | undefined;
  readonly stateMachines: readonly StateMachineDefinition[];
  readonly rules: readonly ScheduleRule[];
  readonly secrets: readonly SecretDefinition[];
  /** Names of the one table, and of the bucket that functions work with. */
  readonly tableName: string;
  readonly bucketName: string;
  /** Properties by name. */
  readonly tables: Readonly<Record<string, unknown>>;
  readonly buckets: Readonly<Record<string, unknown>>;
  readonly roles: RolePolicies;
}

/** @throws for what the local cloud cannot run, with its name */
export function cloudModel({ template, stackName, assetFolders }: Assembly): CloudModel {
  const { resources } = resolveTemplate(template, stackName);
  const ofType = (type: string) => resources.filter((resource) => resource.type === type);
  const properties = (all: readonly Resource[]) =>
    Object.fromEntries(all.map((resource) => [resource.ref, resource.properties]));

  const apis = ofType('AWS::ApiGatewayV2::Api').map((api) => gatewayApi(api, resources));
  const tables = ofType('AWS::DynamoDB::Table');
  const buckets = ofType('AWS::S3::Bucket');
  const functions = ofType('AWS::Lambda::Function').map((resource) =>
    functionDefinition(resource, assetFolders),
  );
  const consoles = new Set(functions.map(({ environment }) => environment[ENV.consoleBucket]));
  const [published] = ofType(CONSOLE_RESOURCE);
  return {
    functions,
    httpApi: only(
      apis.filter(({ protocol }) => protocol === 'HTTP'),
      'HTTP API',
    ),
    socketApi: only(
      apis.filter(({ protocol }) => protocol === 'WEBSOCKET'),
      'WebSocket API',
    ),
    functionUrl: functionUrl(only(ofType('AWS::Lambda::Url'), 'function URL')),
    console:
      published &&
      consoleDefinition(
        published,
        only(ofType('AWS::CloudFront::ResponseHeadersPolicy'), 'response headers policy'),
        functions,
      ),
    stateMachines: ofType('AWS::StepFunctions::StateMachine').map(stateMachine),
    rules: ofType('AWS::Events::Rule').map(scheduleRule),
    secrets: ofType('AWS::SecretsManager::Secret').map(secretDefinition),
    tableName: only(tables, 'table').ref,
    bucketName: only(
      buckets.filter(({ ref }) => !consoles.has(ref)),
      'bucket beside the console’s',
    ).ref,
    tables: properties(tables),
    buckets: properties(buckets),
    roles: rolePolicies(resources),
  };
}

function only<T>(all: readonly T[], what: string): T {
  const [one] = all;
  if (one === undefined || all.length > 1) {
    throw new Error(`The template has ${all.length} times a ${what}; the local cloud runs one.`);
  }
  return one;
}
