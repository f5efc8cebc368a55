import { CustomResource, Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import {
  CachePolicy,
  Distribution,
  HeadersFrameOption,
  HeadersReferrerPolicy,
  HttpVersion,
  ResponseHeadersPolicy,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { contentPolicy } from '../../shared/console/contentPolicy.ts';
import { CONSOLE_RESOURCE, ENV } from '../../shared/names.ts';
import type { FunctionCode } from '../functions/bundle.ts';
import { SheafFunction, SMALL_MIB } from '../functions/sheafFunction.ts';
import { explainWildcard, nagArn } from '../wildcards.ts';

export interface ConsoleProps {
  readonly code: FunctionCode;
  /** What its files are known by: when it changes, they are published anew. */
  readonly digest: string;
  /** https:// address of the API, with its base path. */
  readonly apiUrl: string;
  /** Origins that the page sends requests to: API, streams, bucket. */
  readonly sources: readonly string[];
}

/** Some two dozen small files. */
const PUBLISHING = Duration.minutes(2);

/**
 * The console: static files in a private bucket that CloudFront alone reads. A function puts them there when
 * the stack is deployed; they are part of its bundle, so that it reads nothing else
 * (docs/adr/0078-the-console.md).
 */
export class Console extends Construct {
  /** https:// address of the page. */
  readonly url: string;

  constructor(scope: Construct, id: string, props: ConsoleProps) {
    super(scope, id);
    const files = this.bucket();
    const distribution = this.distribution(files, props.sources);
    this.url = `https://${distribution.distributionDomainName}/`;
    const publisher = this.publisher(files, distribution, props);
    new CustomResource(this, 'Published', {
      resourceType: CONSOLE_RESOURCE,
      serviceToken: publisher.functionArn,
      serviceTimeout: PUBLISHING,
      properties: { Digest: props.digest, ApiUrl: props.apiUrl },
    }).node.addDependency(publisher.role);
  }

  /** It holds nothing that a deployment does not bring, and goes with the stack. */
  private bucket(): Bucket {
    const bucket = new Bucket(this, 'Files', {
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    Validations.of(bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason: 'It holds the files of a public page and nothing else; CloudFront alone reads it.',
    });
    return bucket;
  }

  private distribution(files: Bucket, sources: readonly string[]): Distribution {
    const distribution = new Distribution(this, 'Distribution', {
      comment: `The console of ${Stack.of(this).stackName}`,
      defaultRootObject: 'index.html',
      httpVersion: HttpVersion.HTTP2_AND_3,
      defaultBehavior: {
        origin: S3BucketOrigin.withOriginAccessControl(files),
        viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        // How long each file is good for is said by its own header.
        cachePolicy: CachePolicy.CACHING_OPTIMIZED,
        responseHeadersPolicy: this.headers(sources),
      },
    });
    const why = {
      'AwsSolutions-CFR1': 'Who may use it is decided by the API, by its keys; the page is public.',
      'AwsSolutions-CFR2': 'Static files only: there is nothing behind them to protect.',
      'AwsSolutions-CFR3':
        'Who fetched a static page is no secret worth a store; each call of the API is logged.',
      'AwsSolutions-CFR4':
        'Without a domain of its own CloudFront gives its default certificate, which sets the least version of TLS.',
    };
    for (const [id, reason] of Object.entries(why)) {
      Validations.of(distribution).acknowledge({ id, reason });
    }
    return distribution;
  }

  private headers(sources: readonly string[]): ResponseHeadersPolicy {
    return new ResponseHeadersPolicy(this, 'Headers', {
      comment: `The console of ${Stack.of(this).stackName}`,
      securityHeadersBehavior: {
        contentSecurityPolicy: { contentSecurityPolicy: contentPolicy(sources), override: true },
        contentTypeOptions: { override: true },
        frameOptions: { frameOption: HeadersFrameOption.DENY, override: true },
        referrerPolicy: { referrerPolicy: HeadersReferrerPolicy.NO_REFERRER, override: true },
        strictTransportSecurity: { accessControlMaxAge: Duration.days(365), override: true },
      },
      customHeadersBehavior: {
        customHeaders: [
          { header: 'Cross-Origin-Opener-Policy', value: 'same-origin', override: true },
          {
            header: 'Permissions-Policy',
            value: 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
            override: true,
          },
        ],
      },
    });
  }

  private publisher(files: Bucket, distribution: Distribution, props: ConsoleProps): SheafFunction {
    const publisher = new SheafFunction(this, 'Publisher', {
      handler: 'functions/publishConsole/handler.ts',
      code: props.code,
      description: 'Puts the files of the console where CloudFront finds them',
      memoryMiB: SMALL_MIB,
      timeout: PUBLISHING,
    });
    publisher.addEnvironment(ENV.consoleBucket, files.bucketName);
    publisher.addEnvironment(ENV.consoleDistribution, distribution.distributionId);
    publisher.addToRolePolicy(
      new PolicyStatement({
        actions: ['s3:PutObject', 's3:DeleteObject'],
        resources: [files.arnForObjects('*')],
      }),
    );
    explainWildcard(
      publisher.role,
      `${nagArn(files)}/*`,
      'The whole bucket is what it publishes; names of files come with each build.',
    );
    // What is deleted is listed before.
    publisher.addToRolePolicy(
      new PolicyStatement({ actions: ['s3:ListBucket'], resources: [files.bucketArn] }),
    );
    publisher.addToRolePolicy(
      new PolicyStatement({
        actions: ['cloudfront:CreateInvalidation'],
        resources: [distribution.distributionArn],
      }),
    );
    return publisher;
  }
}
