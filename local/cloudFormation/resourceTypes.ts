/**
 * Every resource type that the local cloud knows: what Ref and Fn::GetAtt give for it, and for the
 * inert ones why nothing has to run for them. A type that is not here stops the start.
 */
import { createHash } from 'node:crypto';
import { CONSOLE_RESOURCE } from '../../shared/names.ts';

/** The account, region and partition that a local stack lives in. */
export const LOCAL_ACCOUNT = '000000000000';
export const LOCAL_REGION = 'us-east-1';
export const LOCAL_PARTITION = 'aws';
export const LOCAL_URL_SUFFIX = 'amazonaws.com';

/** What names a resource: its logical id, and the names that its properties give, resolved. */
export interface Identity {
  readonly stackName: string;
  readonly logicalId: string;
  /** A property as a string, or undefined when the template leaves it out. */
  property(name: string): string | undefined;
}

type Namer = (identity: Identity) => string;

interface ResourceType {
  readonly ref: Namer;
  readonly attributes?: Readonly<Record<string, Namer>>;
  /** Why the local cloud has nothing to run for it. */
  readonly inert?: string;
}

/** CloudFormation's rule without its random tail, so that names are the same at every start. */
const generatedName: Namer = ({ stackName, logicalId }) => `${stackName}-${logicalId}`;

const named =
  (property: string): Namer =>
  (identity) =>
    identity.property(property) ?? generatedName(identity);

/** Bucket names are lower-case, at most 63 characters. */
const bucketName: Namer = (identity) =>
  identity.property('BucketName') ?? generatedName(identity).toLowerCase().slice(0, 63);

/** API Gateway ids are ten characters of [a-z0-9]. */
const gatewayId: Namer = ({ stackName, logicalId }) =>
  createHash('sha256').update(`${stackName}/${logicalId}`).digest('hex').slice(0, 10);

const distributionId: Namer = (identity) => `E${gatewayId(identity).toUpperCase()}`;

/** An ARN in the local account and region. */
const regional =
  (service: string, resource: Namer): Namer =>
  (identity) =>
    `arn:${LOCAL_PARTITION}:${service}:${LOCAL_REGION}:${LOCAL_ACCOUNT}:${resource(identity)}`;

const functionName = named('FunctionName');
const roleName = named('RoleName');
const tableName = named('TableName');
const machineName = named('StateMachineName');
const logGroupName = named('LogGroupName');
const machineArn = regional('states', (i) => `stateMachine:${machineName(i)}`);

/** The service puts six characters of its own behind the name. */
const secretArn = regional(
  'secretsmanager',
  (i) => `secret:${named('Name')(i)}-${gatewayId(i).slice(0, 6)}`,
);

/** wss:// for WebSocket APIs, https:// for HTTP APIs. */
const apiEndpoint: Namer = (identity) => {
  const scheme = identity.property('ProtocolType') === 'WEBSOCKET' ? 'wss' : 'https';
  return `${scheme}://${gatewayId(identity)}.execute-api.${LOCAL_REGION}.${LOCAL_URL_SUFFIX}`;
};

/** Where a function URL is; the local cloud serves the one of the template at an address of its own. */
const functionUrl: Namer = (identity) =>
  `https://${gatewayId(identity)}.lambda-url.${LOCAL_REGION}.on.aws/`;

export const RESOURCE_TYPES: Readonly<Record<string, ResourceType>> = {
  'AWS::ApiGatewayV2::Api': {
    ref: gatewayId,
    attributes: { ApiId: gatewayId, ApiEndpoint: apiEndpoint },
  },
  'AWS::ApiGatewayV2::Authorizer': { ref: gatewayId, attributes: { AuthorizerId: gatewayId } },
  'AWS::ApiGatewayV2::Integration': { ref: gatewayId, attributes: { IntegrationId: gatewayId } },
  'AWS::ApiGatewayV2::Route': { ref: gatewayId, attributes: { RouteId: gatewayId } },
  'AWS::ApiGatewayV2::Stage': { ref: named('StageName') },
  'AWS::CloudFront::ResponseHeadersPolicy': { ref: gatewayId, attributes: { Id: gatewayId } },
  [CONSOLE_RESOURCE]: { ref: generatedName },
  'AWS::DynamoDB::Table': {
    ref: tableName,
    attributes: { Arn: regional('dynamodb', (i) => `table/${tableName(i)}`) },
  },
  'AWS::Events::Rule': {
    ref: named('Name'),
    attributes: { Arn: regional('events', (i) => `rule/${named('Name')(i)}`) },
  },
  'AWS::IAM::Policy': { ref: named('PolicyName') },
  'AWS::IAM::Role': {
    ref: roleName,
    attributes: {
      Arn: (i) => `arn:${LOCAL_PARTITION}:iam::${LOCAL_ACCOUNT}:role/${roleName(i)}`,
      RoleId: gatewayId,
    },
  },
  'AWS::Lambda::Function': {
    ref: functionName,
    attributes: { Arn: regional('lambda', (i) => `function:${functionName(i)}`) },
  },
  'AWS::Lambda::Url': {
    ref: (identity) => identity.property('TargetFunctionArn') ?? '',
    attributes: { FunctionUrl: functionUrl },
  },
  'AWS::S3::Bucket': {
    ref: bucketName,
    attributes: {
      Arn: (i) => `arn:${LOCAL_PARTITION}:s3:::${bucketName(i)}`,
      RegionalDomainName: (i) => `${bucketName(i)}.s3.${LOCAL_REGION}.${LOCAL_URL_SUFFIX}`,
    },
  },
  'AWS::SecretsManager::Secret': { ref: secretArn, attributes: { Id: secretArn } },
  'AWS::StepFunctions::StateMachine': {
    ref: machineArn,
    attributes: { Arn: machineArn, Name: machineName },
  },

  // ── Known, and nothing to run ──
  'AWS::ApiGateway::Account': {
    ref: gatewayId,
    attributes: { Id: gatewayId },
    inert: 'lets API Gateway write to CloudWatch Logs; local logs are files',
  },
  'AWS::CDK::Metadata': { ref: generatedName, inert: 'tells AWS which constructs were used' },
  'AWS::CloudFront::Distribution': {
    ref: distributionId,
    attributes: {
      Id: distributionId,
      DomainName: (i) => `${distributionId(i).toLowerCase()}.cloudfront.net`,
    },
    inert: 'keeps copies of the console near those who ask; here its files are served as they are',
  },
  'AWS::CloudFront::OriginAccessControl': {
    ref: gatewayId,
    attributes: { Id: gatewayId },
    inert: 'lets CloudFront read a bucket',
  },
  'AWS::CloudWatch::Alarm': {
    ref: named('AlarmName'),
    attributes: { Arn: regional('cloudwatch', (i) => `alarm:${named('AlarmName')(i)}`) },
    inert: 'watches metrics; there are none locally',
  },
  'AWS::CloudWatch::Dashboard': {
    ref: named('DashboardName'),
    inert: 'shows metrics; there are none locally',
  },
  'AWS::Lambda::Permission': {
    ref: generatedName,
    inert:
      'lets a gateway or a rule invoke a function; the local ones invoke only what they themselves name',
  },
  'AWS::Logs::LogGroup': {
    ref: logGroupName,
    attributes: { Arn: regional('logs', (i) => `log-group:${logGroupName(i)}:*`) },
    inert: 'local logs are files under the data folder',
  },
  'AWS::S3::BucketPolicy': {
    ref: generatedName,
    inert: 'asks for TLS, which plain loopback addresses do without, and lets CloudFront read',
  },
};
