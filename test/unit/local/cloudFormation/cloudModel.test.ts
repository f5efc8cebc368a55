import { devNull } from 'node:os';
import { describe, expect, it } from 'vitest';
import { functionEnvironment } from '../../../../local/lambda/environment.ts';
import { cloudModel } from '../../../../local/cloudFormation/cloudModel.ts';
import { functionsOnTheWay } from '../../../../local/cloudFormation/stateMachines.ts';
import type { Template } from '../../../../local/cloudFormation/cloudTemplate.ts';

const att = (logicalId: string) => ({ 'Fn::GetAtt': [logicalId, 'Arn'] });
const invocation = (logicalId: string) => ({
  'Fn::Join': [
    '',
    [
      'arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/',
      att(logicalId),
      '/invocations',
    ],
  ],
});
const api = { Ref: 'Http' };
const socket = { Ref: 'Socket' };

/** A template with one of everything. */
const resources = (): Template['Resources'] => ({
  Table: { Type: 'AWS::DynamoDB::Table', Properties: { KeySchema: [] } },
  Bucket: { Type: 'AWS::S3::Bucket', Properties: {} },
  Role: {
    Type: 'AWS::IAM::Role',
    Properties: { Policies: [{ PolicyDocument: { Statement: 'inline' } }] },
  },
  Policy: {
    Type: 'AWS::IAM::Policy',
    Properties: {
      PolicyName: 'p',
      Roles: [{ Ref: 'Role' }],
      PolicyDocument: {
        Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: att('Bucket') }],
      },
    },
  },
  Api: {
    Type: 'AWS::Lambda::Function',
    Properties: {
      Handler: 'index.handler',
      Role: att('Role'),
      Code: { S3Bucket: 'assets', S3Key: 'api.zip' },
      MemorySize: 512,
      Timeout: 29,
      ReservedConcurrentExecutions: 15,
      Environment: { Variables: { TABLE_NAME: { Ref: 'Table' }, WEBSOCKET_URL: 'wss://x' } },
    },
  },
  Url: {
    Type: 'AWS::Lambda::Url',
    Properties: {
      TargetFunctionArn: att('Api'),
      AuthType: 'NONE',
      InvokeMode: 'RESPONSE_STREAM',
      Cors: { AllowOrigins: ['*'], AllowMethods: ['GET'] },
    },
  },
  Machine: {
    Type: 'AWS::StepFunctions::StateMachine',
    Properties: {
      RoleArn: att('Role'),
      DefinitionString: { 'Fn::Join': ['', ['{"StartAt":"', { Ref: 'Table' }, '"}']] },
    },
  },
  Http: { Type: 'AWS::ApiGatewayV2::Api', Properties: { ProtocolType: 'HTTP' } },
  HttpStage: {
    Type: 'AWS::ApiGatewayV2::Stage',
    Properties: {
      ApiId: api,
      StageName: '$default',
      DefaultRouteSettings: { ThrottlingRateLimit: 5, ThrottlingBurstLimit: 9 },
    },
  },
  HttpIntegration: {
    Type: 'AWS::ApiGatewayV2::Integration',
    Properties: {
      ApiId: api,
      IntegrationType: 'AWS_PROXY',
      IntegrationUri: att('Api'),
      PayloadFormatVersion: '2.0',
    },
  },
  Authorizer: {
    Type: 'AWS::ApiGatewayV2::Authorizer',
    Properties: {
      ApiId: api,
      AuthorizerUri: invocation('Api'),
      EnableSimpleResponses: true,
      AuthorizerResultTtlInSeconds: 60,
      IdentitySource: ['$request.header.Authorization'],
    },
  },
  HttpRoute: {
    Type: 'AWS::ApiGatewayV2::Route',
    Properties: {
      ApiId: api,
      RouteKey: 'GET /x',
      Target: { 'Fn::Join': ['', ['integrations/', { Ref: 'HttpIntegration' }]] },
      AuthorizationType: 'CUSTOM',
      AuthorizerId: { Ref: 'Authorizer' },
    },
  },
  Socket: {
    Type: 'AWS::ApiGatewayV2::Api',
    Properties: { ProtocolType: 'WEBSOCKET', RouteSelectionExpression: '$request.body.action' },
  },
  SocketStage: { Type: 'AWS::ApiGatewayV2::Stage', Properties: { ApiId: socket, StageName: 'v2' } },
  SocketIntegration: {
    Type: 'AWS::ApiGatewayV2::Integration',
    Properties: { ApiId: socket, IntegrationType: 'AWS_PROXY', IntegrationUri: invocation('Api') },
  },
  SocketRoute: {
    Type: 'AWS::ApiGatewayV2::Route',
    Properties: {
      ApiId: socket,
      RouteKey: '$connect',
      Target: { 'Fn::Sub': 'integrations/${SocketIntegration}' },
    },
  },
});

const modelOf = (all: Template['Resources']) =>
  cloudModel({
    stackName: 'Sheaf',
    template: { Parameters: {}, Resources: all, Outputs: {} },
    assetFolders: new Map([['api.zip', '/assets/api']]),
  });

const API_ARN = 'arn:aws:lambda:us-east-1:000000000000:function:Sheaf-Api';

describe('cloudModel', () => {
  it('finds functions, routes, workflows, storage and roles', () => {
    const model = modelOf(resources());
    expect(model.functions).toEqual([
      {
        logicalId: 'Api',
        name: 'Sheaf-Api',
        arn: API_ARN,
        handler: 'index.handler',
        folder: '/assets/api',
        memoryMegabytes: 512,
        timeoutMs: 29_000,
        reserved: 15,
        environment: { TABLE_NAME: 'Sheaf-Table', WEBSOCKET_URL: 'wss://x' },
        roleArn: 'arn:aws:iam::000000000000:role/Sheaf-Role',
      },
    ]);
    expect(model.functionUrl).toMatchObject({
      functionArn: API_ARN,
      cors: { AllowOrigins: ['*'], AllowMethods: ['GET'] },
    });
    expect(model.httpApi).toMatchObject({
      stage: '$default',
      routes: [
        {
          key: 'GET /x',
          functionArn: API_ARN,
          timeoutMs: 30_000,
          throttle: { ratePerSecond: 5, burst: 9 },
          authorizer: { functionArn: API_ARN, simpleResponses: true, cacheSeconds: 60 },
        },
      ],
    });
    expect(model.socketApi).toMatchObject({
      stage: 'v2',
      routeSelection: '$request.body.action',
      routes: [{ key: '$connect', functionArn: API_ARN, timeoutMs: 29_000, throttle: undefined }],
    });
    expect(model.stateMachines).toEqual([
      {
        arn: 'arn:aws:states:us-east-1:000000000000:stateMachine:Sheaf-Machine',
        name: 'Sheaf-Machine',
        type: 'STANDARD',
        roleArn: 'arn:aws:iam::000000000000:role/Sheaf-Role',
        definition: { StartAt: 'Sheaf-Table' },
      },
    ]);
    expect(model.tableName).toBe('Sheaf-Table');
    expect(Object.keys(model.buckets)).toEqual([model.bucketName]);
    expect(model.tables).toEqual({ 'Sheaf-Table': { KeySchema: [] } });
    expect(model.buckets).toEqual({ 'sheaf-bucket': {} });
    expect(model.roles.byRole).toEqual({
      Role: [
        { Statement: 'inline' },
        {
          Statement: [
            { Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::sheaf-bucket' },
          ],
        },
      ],
    });
    expect(model.roles.roleOf('arn:aws:iam::000000000000:role/Sheaf-Role')).toBe('Role');
  });

  it.each([
    ['code that is not among the assets', 'Api', { Code: { S3Key: 'other.zip' } }, /code of Api/],
    [
      'an integration of another kind',
      'HttpIntegration',
      { IntegrationType: 'HTTP_PROXY' },
      /AWS_PROXY/,
    ],
    ['events of another version', 'HttpIntegration', { PayloadFormatVersion: '1.0' }, /2\.0/],
    ['an authorizer that does not exist', 'HttpRoute', { AuthorizerId: 'gone' }, /GET \/x/],
    ['a route without integration', 'SocketRoute', { Target: 'integrations/gone' }, /\$connect/],
    ['a second stage', 'SocketStage', { ApiId: api }, /stages/],
    ['no WebSocket API', 'Socket', { ProtocolType: 'HTTP' }, /Socket|API/],
  ])('refuses %s', (_, logicalId, change, message) => {
    const all = resources();
    const changed = all[logicalId];
    if (changed) Object.assign(changed.Properties, change);
    expect(() => modelOf(all)).toThrow(message);
  });
});

describe('functionEnvironment', () => {
  const definition = modelOf(resources()).functions[0];
  const environment = definition
    ? functionEnvironment(
        definition,
        { accessKeyId: 'Role', secretAccessKey: 'secret' },
        {
          servicesUrl: 'http://127.0.0.1:3002',
          apiUrl: 'http://localhost:3000/api/v2',
          websocketUrl: 'ws://localhost:3001/v2/stream',
          eventsUrl: 'http://localhost:3000/events',
        },
      )
    : {};

  it('points the SDK and the clients of events at this machine', () => {
    expect(environment).toMatchObject({
      TABLE_NAME: 'Sheaf-Table',
      WEBSOCKET_URL: 'ws://localhost:3001/v2/stream',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:3002',
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'Role',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_LAMBDA_FUNCTION_NAME: 'Sheaf-Api',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
      _HANDLER: 'index.handler',
      TZ: ':UTC',
    });
  });

  it('adds no address that the template did not give, and hides AWS profiles', () => {
    expect(environment).not.toHaveProperty('WEBSOCKET_MANAGEMENT_URL');
    expect(environment).toMatchObject({
      AWS_CONFIG_FILE: devNull,
      AWS_SHARED_CREDENTIALS_FILE: devNull,
    });
    expect(environment).not.toHaveProperty('AWS_EXECUTION_ENV');
    expect(environment).not.toHaveProperty('PATH');
  });
});

describe('functionsOnTheWay', () => {
  const calls = (name: string, more: object) => ({
    Type: 'Task',
    Parameters: { FunctionName: name },
    Catch: [{ Next: 'Fail' }],
    ...more,
  });

  it('lists what an execution calls when nothing fails, in the order in which most do', () => {
    const definition = {
      StartAt: 'Plan',
      States: {
        Plan: calls('plan', { Next: 'Choose' }),
        Choose: {
          Type: 'Choice',
          Choices: [{ Next: 'Only' }, { StringEquals: 'seldom', Next: 'Seldom' }],
          Default: 'Map',
        },
        Seldom: calls('seldom', { Next: 'Again' }),
        Map: {
          Type: 'Map',
          ItemProcessor: { StartAt: 'Each', States: { Each: calls('work', { End: true }) } },
          Next: 'Again',
        },
        Only: calls('only', { Next: 'Again' }),
        Again: { Type: 'Choice', Choices: [{ Next: 'Plan' }], Default: 'Finish' },
        Finish: calls('finish', { End: true }),
        Fail: calls('fail', { End: true }),
      },
    };
    expect([...functionsOnTheWay(definition)]).toEqual(['plan', 'work', 'only', 'finish']);
  });
});
