import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ENV, FUNCTIONS } from '../../shared/names.ts';
import {
  functionsOf,
  onlyId,
  spell,
  type Statement,
  statementsByRole,
  synthesize,
} from './support.ts';

const template = synthesize();
const functions = functionsOf(template);
const statements = statementsByRole(template);

describe('every function', () => {
  it('is one of shared/names.ts, and none is missing', () => {
    expect([...functions.keys()].sort()).toEqual([...FUNCTIONS].sort());
  });

  it('runs ES modules on the newest Node.js and arm64, traced, with logs as JSON', () => {
    template.allResourcesProperties('AWS::Lambda::Function', {
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
      TracingConfig: { Mode: 'Active' },
      LoggingConfig: { LogFormat: 'JSON', LogGroup: { Ref: Match.stringLikeRegexp('Logs') } },
      Environment: {
        Variables: {
          NODE_OPTIONS: '--enable-source-maps',
          POWERTOOLS_SERVICE_NAME: 'sheaf',
          POWERTOOLS_METRICS_NAMESPACE: 'Sheaf',
        },
      },
    });
  });

  it('has a role of its own', () => {
    const roles = [...functions.values()].map(({ roleId }) => roleId);
    expect(new Set(roles).size).toBe(FUNCTIONS.length);
  });
});

describe('logs', () => {
  it('are kept for a month', () => {
    template.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 30 });
  });
});

/** What each function may do; the names that it needs in its environment follow from it. */
const ACCESS: Record<(typeof FUNCTIONS)[number], readonly string[]> = {
  api: [
    'table write',
    'read sources',
    'read tasks',
    'read templates',
    'read trials',
    'write trials',
    'write sources',
    'write tasks',
    'write templates',
    'remove tasks',
    'remove uploads',
    'start tasks',
    'limit the maps of tasks',
    'wake shards',
    'start ingests',
    'start trials',
    'start schedules',
    'stop schedules',
    'know the address of the stream',
    'know the address of events',
    'push',
    'start deliveries',
    'read the master secret',
    'manage the secrets of connections',
    'know which services may be called',
  ],
  apiAuthorizer: ['table read'],
  streamAuthorizer: ['table write'],
  stream: ['table write', 'push', 'start deliveries'],
  eventStream: ['table update', 'know how many streams'],
  ingestSource: ['table write', 'read sources', 'write sources'],
  runTrial: [
    'table write',
    'read templates',
    'read sources',
    'read tasks',
    'write tasks',
    'read trials',
    'write trials',
  ],
  planShards: [
    'know how many shards at a time',
    'table write',
    'read templates',
    'read sources',
    'read tasks',
    'write tasks',
    'push',
    'start deliveries',
  ],
  callRows: [
    'table write',
    'read sources',
    'read tasks',
    'write tasks',
    'push',
    'start deliveries',
    'read the secrets of connections',
    'know which services may be called',
    'read the master secret',
    'know the address of the API',
    'wake shards',
  ],
  awaitCallbacks: ['table write', 'wake shards'],
  renderShard: [
    'table write',
    'read sources',
    'read tasks',
    'read templates',
    'write tasks',
    'push',
    'start deliveries',
  ],
  recordShardFailure: ['table write', 'read tasks', 'push', 'start deliveries'],
  assembleArchive: ['table write', 'read tasks', 'write tasks', 'push', 'start deliveries'],
  finishTask: ['table write', 'push', 'start tasks', 'start deliveries'],
  failTask: ['table write', 'push', 'start tasks', 'start deliveries'],
  startScheduled: ['table write', 'push', 'start tasks', 'start deliveries'],
  sweep: [
    'table write',
    'remove tasks',
    'remove uploads',
    'push',
    'start tasks',
    'start deliveries',
    'forget the secrets of connections',
  ],
  sendWebhook: ['table write', 'read the master secret'],
  publishConsole: ['write the console', 'renew copies of the console'],
};

const TABLE = `<${onlyId(template, 'AWS::DynamoDB::Table')}.Arn>`;
const BUCKET = `<${onlyId(template, 'AWS::S3::Bucket', 'Bucket')}.Arn>`;
const CONSOLE = `<${onlyId(template, 'AWS::S3::Bucket', 'Console')}.Arn>`;
const statesArn = (resource: string) =>
  `arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:${resource}`;
const machineArn = (name: string) => statesArn(`stateMachine:Sheaf-${name}`);
const TASKS = machineArn('task-workflow');
const INGESTS = machineArn('ingest-workflow');
const SCHEDULES = machineArn('schedule-workflow');
const TRIALS = machineArn('trial-workflow');
const DELIVERIES = machineArn('delivery-workflow');
const MASTER_SECRET = `<${onlyId(template, 'AWS::SecretsManager::Secret')}>`;
const CONNECTION_SECRETS =
  'arn:<AWS::Partition>:secretsmanager:<AWS::Region>:<AWS::AccountId>:secret:Sheaf/connections/';
const STREAM = `<${onlyId(template, 'AWS::ApiGatewayV2::Api', 'Stream')}>`;

/** The executions of a state machine, as a policy names them. */
const executionsOf = (machine: string) => `${machine.replace(':stateMachine:', ':execution:')}:*`;

/** Grants, as pairs of action and resource. */
const READ_TABLE = [
  `dynamodb:GetItem ${TABLE}`,
  `dynamodb:Query ${TABLE}`,
  `dynamodb:Query ${TABLE}/index/byOwner`,
  `dynamodb:Query ${TABLE}/index/activeByOwner`,
];
const WRITE_TABLE = ['PutItem', 'UpdateItem', 'DeleteItem'].map((a) => `dynamodb:${a} ${TABLE}`);
const LIST_BUCKET = `s3:ListBucket ${BUCKET}`;

function grantsOf(access: string): string[] {
  const [verb, prefix] = access.split(' ');
  switch (access) {
    case 'table read':
      return READ_TABLE;
    case 'table update':
      return [...READ_TABLE, `dynamodb:UpdateItem ${TABLE}`];
    case 'table write':
      return [...READ_TABLE, ...WRITE_TABLE];
    case 'start tasks':
      return [`states:StartExecution ${TASKS}`, `states:DescribeExecution ${executionsOf(TASKS)}`];
    case 'limit the maps of tasks':
      return [
        `states:ListMapRuns ${executionsOf(TASKS)}`,
        `states:UpdateMapRun ${TASKS.replace(':stateMachine:', ':mapRun:')}/RenderShards:*`,
      ];
    case 'wake shards':
      return [`states:SendTaskSuccess ${TASKS}`, `states:SendTaskSuccess ${TASKS}/CallRows`];
    case 'start ingests':
      return [
        `states:StartExecution ${INGESTS}`,
        `states:DescribeExecution ${executionsOf(INGESTS)}`,
      ];
    case 'start trials':
      return [
        `states:StartExecution ${TRIALS}`,
        `states:DescribeExecution ${executionsOf(TRIALS)}`,
      ];
    case 'start schedules':
      return [
        `states:StartExecution ${SCHEDULES}`,
        `states:DescribeExecution ${executionsOf(SCHEDULES)}`,
      ];
    case 'stop schedules':
      return [`states:StopExecution ${executionsOf(SCHEDULES)}`];
    case 'remove tasks':
      return [`s3:DeleteObject ${BUCKET}/tasks/*`, LIST_BUCKET];
    case 'remove uploads':
      return ['templates', 'sources', 'trials'].map(
        (prefix) => `s3:DeleteObject ${BUCKET}/${prefix}/*`,
      );
    case 'start deliveries':
      return [
        `states:StartExecution ${DELIVERIES}`,
        `states:DescribeExecution ${executionsOf(DELIVERIES)}`,
      ];
    case 'read the master secret':
      return [`secretsmanager:GetSecretValue ${MASTER_SECRET}`];
    case 'manage the secrets of connections':
      return [
        `secretsmanager:CreateSecret ${CONNECTION_SECRETS}*`,
        `secretsmanager:DeleteSecret ${CONNECTION_SECRETS}*`,
      ];
    case 'read the secrets of connections':
      return [`secretsmanager:GetSecretValue ${CONNECTION_SECRETS}*`];
    case 'forget the secrets of connections':
      return [`secretsmanager:DeleteSecret ${CONNECTION_SECRETS}*`];
    case 'push':
      return [
        'execute-api:ManageConnections arn:<AWS::Partition>:execute-api:<AWS::Region>:' +
          `<AWS::AccountId>:${STREAM}/v2/POST/@connections/*`,
      ];
    case 'write the console':
      return [
        `s3:PutObject ${CONSOLE}/*`,
        `s3:DeleteObject ${CONSOLE}/*`,
        `s3:ListBucket ${CONSOLE}`,
      ];
    case 'renew copies of the console':
      return [
        'cloudfront:CreateInvalidation arn:<AWS::Partition>:cloudfront::<AWS::AccountId>:distribution/' +
          `<${onlyId(template, 'AWS::CloudFront::Distribution')}>`,
      ];
    case 'know the address of the API':
    case 'know the address of the stream':
    case 'know the address of events':
    case 'know which services may be called':
    case 'know how many streams':
    case 'know how many shards at a time':
      return [];
    default:
      return verb === 'read'
        ? [`s3:GetObject ${BUCKET}/${prefix}/*`, LIST_BUCKET]
        : ['s3:PutObject', 's3:AbortMultipartUpload'].map((a) => `${a} ${BUCKET}/${prefix}/*`);
  }
}

function environmentOf(access: string): string | undefined {
  // A token says by itself which execution it is of.
  if (access === 'wake shards') return undefined;
  if (access === 'know the address of the API') return ENV.apiUrl;
  if (access.startsWith('table')) return ENV.table;
  if (access === 'start tasks' || access === 'limit the maps of tasks') return ENV.taskWorkflow;
  if (access === 'start ingests') return ENV.ingestWorkflow;
  if (access === 'start trials') return ENV.trialWorkflow;
  if (access.endsWith('schedules')) return ENV.scheduleWorkflow;
  if (access === 'start deliveries') return ENV.deliveryWorkflow;
  if (access === 'read the master secret') return ENV.webhookSecret;
  if (access.endsWith('the secrets of connections')) return ENV.connectionSecrets;
  if (access === 'know which services may be called') return ENV.serviceHosts;
  if (access === 'push') return ENV.websocketManagementUrl;
  if (access === 'know the address of the stream') return ENV.websocketUrl;
  if (access === 'know the address of events') return ENV.eventsUrl;
  if (access === 'write the console') return ENV.consoleBucket;
  if (access === 'renew copies of the console') return ENV.consoleDistribution;
  if (access === 'know how many streams') return ENV.eventStreams;
  if (access === 'know how many shards at a time') return ENV.taskConcurrency;
  return ENV.bucket;
}

/** What SheafFunction gives to all. */
const COMMON_ACTIONS = /^(logs|xray):/;
const COMMON_NAMES = ['NODE_OPTIONS', 'POWERTOOLS_METRICS_NAMESPACE', 'POWERTOOLS_SERVICE_NAME'];

const pairs = (list: readonly Statement[]) =>
  list.flatMap(({ Action, Resource }) =>
    Action.flatMap((action) => Resource.map((resource) => `${action} ${resource}`)),
  );

describe.each(Object.entries(ACCESS))('%s', (name, access) => {
  const lambda = functions.get(name);

  it('may do what it needs and nothing else', () => {
    const granted = pairs(statements.get(lambda?.roleId ?? '') ?? []);
    expect(granted.filter((grant) => !COMMON_ACTIONS.test(grant)).sort()).toEqual(
      [...new Set(access.flatMap(grantsOf))].sort(),
    );
  });

  it('knows the names of what it may use, and of nothing else', () => {
    expect(Object.keys(lambda?.environment ?? {}).sort()).toEqual(
      [
        ...new Set([
          ...access.map(environmentOf).filter((variable) => variable !== undefined),
          ...COMMON_NAMES,
        ]),
      ].sort(),
    );
  });

  it('logs to its own log group alone', () => {
    const logging = (statements.get(lambda?.roleId ?? '') ?? []).filter(({ Action }) =>
      Action.some((action) => action.startsWith('logs:')),
    );
    expect(pairs(logging)).toEqual([
      expect.stringMatching(/^logs:CreateLogStream <\w+Logs\w{8}\.Arn>$/),
      expect.stringMatching(/^logs:PutLogEvents <\w+Logs\w{8}\.Arn>$/),
    ]);
  });
});

describe('environment', () => {
  it('points to the resources themselves', () => {
    const environment = functions.get('api')?.environment ?? {};
    expect(spell(environment[ENV.table])).toBe(`<${onlyId(template, 'AWS::DynamoDB::Table')}>`);
    expect(spell(environment[ENV.bucket])).toBe(
      `<${onlyId(template, 'AWS::S3::Bucket', 'Bucket')}>`,
    );
    expect(spell(environment[ENV.taskWorkflow])).toBe(TASKS);
    expect(spell(environment[ENV.ingestWorkflow])).toBe(INGESTS);
    expect(spell(environment[ENV.websocketUrl])).toBe(
      `wss://${STREAM}.execute-api.<AWS::Region>.<AWS::URLSuffix>/v2`,
    );
    expect(spell(functions.get('stream')?.environment[ENV.websocketManagementUrl])).toBe(
      `https://${STREAM}.execute-api.<AWS::Region>.<AWS::URLSuffix>/v2`,
    );
  });

  it('points to the function URL of events', () => {
    const url = onlyId(template, 'AWS::Lambda::Url');
    expect(spell(functions.get('api')?.environment[ENV.eventsUrl])).toBe(`<${url}.FunctionUrl>`);
  });

  it('points to secrets of this stack alone', () => {
    const settings = { stackName: 'Sheaf-Staging' };
    const environment = functionsOf(synthesize(settings)).get('api')?.environment ?? {};
    expect(spell(environment[ENV.connectionSecrets])).toBe(
      CONNECTION_SECRETS.replace('Sheaf', 'Sheaf-Staging'),
    );
  });

  it('takes the services that may be called from the operator', () => {
    const settings = { serviceHosts: 'api.dify.ai,*.letters.example' };
    expect(functions.get('api')?.environment).toMatchObject({ [ENV.serviceHosts]: '*' });
    expect(functionsOf(synthesize(settings)).get('api')?.environment).toMatchObject({
      [ENV.serviceHosts]: 'api.dify.ai,*.letters.example',
    });
  });

  it('takes the address of the stream from the operator', () => {
    const settings = { websocketUrl: 'wss://stream.letters.example' };
    expect(functionsOf(synthesize(settings)).get('api')?.environment).toMatchObject({
      [ENV.websocketUrl]: 'wss://stream.letters.example',
    });
  });
});

describe('concurrency', () => {
  const settingOf = (lambdaConcurrency: number) => {
    const stack = synthesize({ lambdaConcurrency });
    const reserved = Object.values(stack.findResources('AWS::Lambda::Function')).map(
      ({ Properties }) => ReservedSchema.parse(Properties).ReservedConcurrentExecutions ?? 0,
    );
    return {
      ofTask: Number(functionsOf(stack).get('planShards')?.environment[ENV.taskConcurrency]),
      streams: Number(functionsOf(stack).get('eventStream')?.environment[ENV.eventStreams]),
      reserved: reserved.reduce((sum, count) => sum + count, 0),
      functions: reserved.filter((count) => count > 0).length,
    };
  };
  const ReservedSchema = z.object({ ReservedConcurrentExecutions: z.number().optional() });

  it('of a new account is not reserved, which AWS would refuse, and a task leaves half of it', () => {
    expect(settingOf(10)).toEqual({ ofTask: 5, streams: 2, reserved: 0, functions: 0 });
    expect(settingOf(2)).toEqual({ ofTask: 1, streams: 1, reserved: 0, functions: 0 });
    expect(functions.get('planShards')?.environment[ENV.taskConcurrency]).toBe('5');
  });

  it('of an ordinary account is reserved for whom somebody waits, and all else is for rendering', () => {
    const { ofTask, streams, reserved, functions } = settingOf(1000);
    expect(functions).toBe(5);
    expect(streams).toBe(50);
    expect(ofTask + reserved).toBe(1000);
    // What AWS wants to stay unreserved (Lambda Developer Guide, "Reserving concurrency").
    expect(1000 - reserved).toBeGreaterThanOrEqual(100);
  });

  it.each([50, 100, 300, 949, 950])('of %i leaves AWS its 100, or all', (account) => {
    const { reserved } = settingOf(account);
    expect(reserved === 0 || account - reserved >= 100).toBe(true);
  });
});
