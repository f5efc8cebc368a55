import { Match, Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { MANIFESTS, MAP_RESULTS } from '../../infra/workflow/mapObjects.ts';
import { mapResultsPrefix, objectKeys } from '../../shared/keys.ts';
import { OWNER_INDEXES, TABLE_KEYS } from '../../shared/names.ts';
import { createStack, onlyId, synthesize } from './support.ts';

const template = synthesize();

describe('the table', () => {
  it('keeps its logical id: another one would be another, empty table', () => {
    expect(onlyId(template, 'AWS::DynamoDB::Table')).toBe('TableCD117FA1');
  });

  it('has the keys, index and expiry of shared/names.ts, on demand', () => {
    template.hasResourceProperties('AWS::DynamoDB::Table', {
      KeySchema: [
        { AttributeName: TABLE_KEYS.partition, KeyType: 'HASH' },
        { AttributeName: TABLE_KEYS.sort, KeyType: 'RANGE' },
      ],
      GlobalSecondaryIndexes: Object.entries(OWNER_INDEXES).map(([IndexName, keys]) => ({
        IndexName,
        KeySchema: [
          { AttributeName: keys.partition, KeyType: 'HASH' },
          { AttributeName: keys.sort, KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['status', 'expiresAt'] },
      })),
      TimeToLiveSpecification: { AttributeName: TABLE_KEYS.expiry, Enabled: true },
      BillingMode: 'PAY_PER_REQUEST',
      SSESpecification: { SSEEnabled: true },
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    });
  });

  it('outlives the stack unless the operator says otherwise', () => {
    template.hasResource('AWS::DynamoDB::Table', {
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
    });
    synthesize({ retainData: false }).hasResource('AWS::DynamoDB::Table', {
      DeletionPolicy: 'Delete',
    });
  });
});

describe('the bucket', () => {
  it('keeps its logical id: another one would be another, empty bucket', () => {
    expect(onlyId(template, 'AWS::S3::Bucket', 'Bucket')).toBe('Bucket83908E77');
  });

  it('is private and encrypted', () => {
    template.hasResourceProperties('AWS::S3::Bucket', {
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          { ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } },
        ],
      },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
    });
  });

  it('refuses connections without TLS, and TLS before 1.2', () => {
    const deny = (condition: object) =>
      Match.objectLike({ Effect: 'Deny', Action: 's3:*', Condition: condition });
    template.hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          deny({ Bool: { 'aws:SecureTransport': 'false' } }),
          deny({ NumericLessThan: { 's3:TlsVersion': 1.2 } }),
        ]),
      },
    });
  });

  it('forgets abandoned uploads after a day, and nothing that a task that waits may need', () => {
    template.hasResourceProperties('AWS::S3::Bucket', {
      LifecycleConfiguration: {
        Rules: [Match.objectLike({ AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } })],
      },
    });
  });

  it('lets pages of the allowed origins send and fetch', () => {
    synthesize({ allowedOrigins: ['https://letters.example'] }).hasResourceProperties(
      'AWS::S3::Bucket',
      {
        CorsConfiguration: {
          CorsRules: [
            Match.objectLike({
              AllowedOrigins: ['https://letters.example'],
              AllowedMethods: ['GET', 'HEAD', 'PUT'],
            }),
          ],
        },
      },
    );
  });

  it('outlives the stack unless the operator says otherwise', () => {
    template.hasResource('AWS::S3::Bucket', {
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
    });
    synthesize({ retainData: false }).hasResource('AWS::S3::Bucket', { DeletionPolicy: 'Delete' });
  });
});

describe('a first deployment that fails', () => {
  /** Policies under which CloudFormation keeps what a rollback of the creation meets. */
  const STAYS = ['Retain', 'Snapshot'];
  const ResourcesSchema = z.object({
    Resources: z.record(
      z.string(),
      z.object({
        DeletionPolicy: z.string().default('Delete'),
        Properties: z.record(z.string(), z.unknown()).default({}),
      }),
    ),
  });

  it('leaves nothing behind and nothing that refuses to go, so that it can be repeated', () => {
    const stack = createStack();
    expect(stack.terminationProtection).toBe(false);
    const { Resources } = ResourcesSchema.parse(Template.fromStack(stack).toJSON());
    const staying = Object.entries(Resources).filter(
      ([, { DeletionPolicy, Properties }]) =>
        STAYS.includes(DeletionPolicy) || Properties['DeletionProtectionEnabled'] === true,
    );
    expect(staying.map(([logicalId]) => logicalId)).toEqual([]);
  });

  it('is followed by a deployment that protects stack and table, when the operator asks for it', () => {
    const stack = createStack({ deletionProtection: true });
    expect(stack.terminationProtection).toBe(true);
    Template.fromStack(stack).hasResourceProperties('AWS::DynamoDB::Table', {
      DeletionProtectionEnabled: true,
    });
  });

  it('keeps no protection where data need not stay', () => {
    const stack = createStack({ deletionProtection: true, retainData: false });
    expect(stack.terminationProtection).toBe(false);
    Template.fromStack(stack).hasResourceProperties('AWS::DynamoDB::Table', {
      DeletionProtectionEnabled: false,
    });
  });
});

describe('object keys and grants', () => {
  const key = (build: (id: string) => string) => build('task_id');

  it('has every object under a prefix that functions are granted', () => {
    const keys = [
      key(objectKeys.templateUpload),
      key(objectKeys.template),
      key(objectKeys.dataSheet),
      key(objectKeys.sourceUpload),
      key(objectKeys.sourceRows),
      key(objectKeys.sourceIndex),
      key(objectKeys.inlineRows),
      key(objectKeys.inlineIndex),
      key(objectKeys.groupedRows),
      key(objectKeys.groupedIndex),
      key(objectKeys.taskSpellings),
      key(objectKeys.trialColumns),
      key(objectKeys.checkFindings),
      key(objectKeys.checkMarks),
      key(objectKeys.checkReport),
      key(objectKeys.samples),
      key(objectKeys.samplesSegment),
      objectKeys.sampleDocument('task_id', 1, 0),
      key(objectKeys.samplesArchive),
      key(objectKeys.samplesFailures),
      objectKeys.manifest('id', 1, 1),
      objectKeys.segment('id', 1, 1, 0, 2),
      objectKeys.mergedSegment('id', 1, 2),
      key(objectKeys.steps),
      objectKeys.answers('id', 1, 1, 0, 2),
      objectKeys.callback({ taskId: 'id', row: 1, step: 'a', request: 'b', after: 0 }),
      objectKeys.retryRequest('id', '2-ab'),
      objectKeys.corrections('id', '2-ab'),
      objectKeys.retrySpellings('id', '2-ab'),
      objectKeys.retryRows('id', 2),
      objectKeys.retryIndex('id', 2),
      objectKeys.retryTable('id', 2),
      key(objectKeys.archive),
      objectKeys.document('id', 1, 0),
      key(objectKeys.failures),
      objectKeys.results('id', 1, 'csv'),
    ];
    expect(keys).toHaveLength(Object.keys(objectKeys).length);
    keys.push(objectKeys.checkFindings('check_id'), objectKeys.samples('sample_id'));
    expect(new Set(keys.map((k) => k.split('/')[0]))).toEqual(
      new Set(['templates', 'sources', 'tasks', 'trials']),
    );
  });

  it('has manifests and map results where the state machine may read and write them', () => {
    const matches = (pattern: string) => new RegExp(`^${pattern.replaceAll('*', '.*')}$`);
    expect(objectKeys.manifest('id', 12, 3)).toMatch(matches(MANIFESTS));
    expect(`${mapResultsPrefix('id')}/uuid/manifest.json`).toMatch(matches(MAP_RESULTS));
  });
});
