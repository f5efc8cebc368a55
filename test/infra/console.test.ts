import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { contentPolicy } from '../../shared/console/contentPolicy.ts';
import { onlyId, spell, synthesize } from './support.ts';

const template = synthesize();
const bucket = onlyId(template, 'AWS::S3::Bucket', 'Console');
const distribution = onlyId(template, 'AWS::CloudFront::Distribution');

describe('the files of the console', () => {
  it('lie in a private bucket that goes with the stack', () => {
    const resource = template.findResources('AWS::S3::Bucket')[bucket];
    expect(resource).toMatchObject({
      DeletionPolicy: 'Delete',
      Properties: {
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
      },
    });
  });

  it('are read by this distribution alone', () => {
    template.hasResourceProperties('AWS::S3::BucketPolicy', {
      Bucket: { Ref: bucket },
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Action: 's3:GetObject',
            Principal: { Service: 'cloudfront.amazonaws.com' },
            Condition: {
              StringEquals: {
                'AWS:SourceArn': Match.objectLike({
                  'Fn::Join': Match.arrayWith([Match.arrayWith([{ Ref: distribution }])]),
                }),
              },
            },
          }),
        ]),
      },
    });
  });

  it('are published anew when they change, or the address of the API', () => {
    template.hasResourceProperties('Custom::SheafConsole', {
      Digest: 'digest',
      ApiUrl: Match.anyValue(),
    });
  });

  it('are published after the right to do so is given', () => {
    const [resource] = Object.values(template.findResources('Custom::SheafConsole'));
    expect(resource?.DependsOn).toEqual(
      expect.arrayContaining([expect.stringMatching(/^ConsolePublisherRoleDefaultPolicy/)]),
    );
  });
});

describe('the distribution', () => {
  it('serves over TLS, compressed, the page itself at /', () => {
    template.hasResourceProperties('AWS::CloudFront::Distribution', {
      DistributionConfig: {
        DefaultRootObject: 'index.html',
        DefaultCacheBehavior: {
          ViewerProtocolPolicy: 'redirect-to-https',
          Compress: true,
          // CachingOptimized: each file says how long it is good for.
          CachePolicyId: '658327ea-f89d-4fab-a63d-7e88639e58f6',
        },
        // A page of its own for errors would hide those of the files, and routes are behind the #.
        CustomErrorResponses: Match.absent(),
      },
    });
  });

  it('gives a policy that names the API, its streams and its bucket, and nobody else', () => {
    const [policy] = Object.values(
      template.findResources('AWS::CloudFront::ResponseHeadersPolicy'),
    );
    const config = policy?.Properties as {
      ResponseHeadersPolicyConfig: {
        SecurityHeadersConfig: { ContentSecurityPolicy: { ContentSecurityPolicy: unknown } };
      };
    };
    const text = spell(
      config.ResponseHeadersPolicyConfig.SecurityHeadersConfig.ContentSecurityPolicy
        .ContentSecurityPolicy,
    );
    const api = onlyId(template, 'AWS::ApiGatewayV2::Api', 'Https');
    const stream = onlyId(template, 'AWS::ApiGatewayV2::Api', 'Stream');
    const tasks = onlyId(template, 'AWS::S3::Bucket', 'Bucket');
    expect(text).toBe(
      contentPolicy([
        `<${api}.ApiEndpoint>`,
        `<${stream}.ApiEndpoint>`,
        `<${onlyId(template, 'AWS::Lambda::Url')}.FunctionUrl>`,
        `https://<${tasks}.RegionalDomainName>`,
      ]),
    );
    expect(text).not.toMatch(/unsafe|\*/);
  });

  it('names the domain of streams, where there is one', () => {
    const own = synthesize({ websocketUrl: 'wss://stream.letters.example/v2' });
    expect(JSON.stringify(own.findResources('AWS::CloudFront::ResponseHeadersPolicy'))).toContain(
      ' wss://stream.letters.example ',
    );
  });
});

it('is left out where an operator wants none', () => {
  const without = synthesize({ console: false });
  without.resourceCountIs('AWS::CloudFront::Distribution', 0);
  without.resourceCountIs('AWS::S3::Bucket', 1);
  expect(Object.keys(without.findOutputs('ConsoleUrl'))).toEqual([]);
});
