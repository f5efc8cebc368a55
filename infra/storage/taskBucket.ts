import { Duration, Validations } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  HttpMethods,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import type { Construct, IConstruct } from 'constructs';
import { ENV } from '../../shared/names.ts';
import type { SheafFunction } from '../functions/sheafFunction.ts';
import { explainWildcard, nagArn } from '../wildcards.ts';
import { removalPolicy } from './removalPolicy.ts';

/** First segments of the object keys that shared/keys.ts builds. */
export type ObjectPrefix = 'templates' | 'sources' | 'tasks' | 'trials';

/** The prefixes a function may read, those it may read and write, and those below which it may delete. */
export interface ObjectAccess {
  readonly read?: readonly ObjectPrefix[];
  readonly readWrite?: readonly ObjectPrefix[];
  readonly remove?: readonly ObjectPrefix[];
}

export interface TaskBucketProps {
  /** Whether the bucket outlives the stack. */
  readonly retain: boolean;
  /** Origins whose pages may send to and fetch from presigned links. */
  readonly allowedOrigins: string[];
}

/** The bucket: templates, data sources, and all that tasks make. */
export class TaskBucket extends Bucket {
  constructor(scope: Construct, id: string, props: TaskBucketProps) {
    super(scope, id, {
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      removalPolicy: removalPolicy(props.retain),
      cors: [
        {
          allowedOrigins: props.allowedOrigins,
          allowedMethods: [HttpMethods.GET, HttpMethods.HEAD, HttpMethods.PUT],
          allowedHeaders: ['*'],
          exposedHeaders: ['ETag', 'Content-Disposition', 'Content-Length'],
          maxAge: 3600,
        },
      ],
      lifecycleRules: [
        {
          id: 'ForgetAbandonedUploads',
          abortIncompleteMultipartUploadAfter: Duration.days(1),
        },
      ],
    });
    Validations.of(this).acknowledge({
      id: 'AwsSolutions-S1',
      reason:
        'Only the functions and links that they sign reach the bucket, and they log each call. ' +
        'Server access logs would be a second store to secure; docs/operations.md says how to add them.',
    });
  }

  /** Tells a function the bucket's name and lets it use objects under the prefixes given. */
  allow(user: SheafFunction, access: ObjectAccess): void {
    user.addEnvironment(ENV.bucket, this.bucketName);
    const written = access.readWrite ?? [];
    this.grantObjects(user, ['s3:GetObject'], [...(access.read ?? []), ...written]);
    // AbortMultipartUpload is what a multipart upload needs besides PutObject.
    this.grantObjects(user, ['s3:PutObject', 's3:AbortMultipartUpload'], written);
    // What is deleted is listed before.
    this.grantObjects(user, ['s3:DeleteObject'], access.remove ?? []);
    // Without it S3 answers 403 instead of 404 for a key that holds nothing.
    user.addToRolePolicy(
      new PolicyStatement({ actions: ['s3:ListBucket'], resources: [this.bucketArn] }),
    );
  }

  private grantObjects(
    user: SheafFunction,
    actions: string[],
    prefixes: readonly ObjectPrefix[],
  ): void {
    if (prefixes.length === 0) return;
    const patterns = prefixes.map((prefix) => `${prefix}/*`);
    user.addToRolePolicy(
      new PolicyStatement({
        actions,
        resources: patterns.map((pattern) => this.arnForObjects(pattern)),
      }),
    );
    for (const pattern of patterns) this.explainPattern(user.role, pattern);
  }

  /** Gives cdk-nag the reason why a grant on objects ends in a wildcard. */
  explainPattern(grantee: IConstruct, pattern: string): void {
    explainWildcard(
      grantee,
      `${nagArn(this)}/${pattern}`,
      'Objects are named by ids that come up at run time: the prefix is as narrow as it gets.',
    );
  }
}
