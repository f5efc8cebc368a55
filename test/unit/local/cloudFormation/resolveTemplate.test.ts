import { describe, expect, it } from 'vitest';
import type { Template } from '../../../../local/cloudFormation/cloudTemplate.ts';
import { resolveTemplate } from '../../../../local/cloudFormation/resolve.ts';

/** A template whose one role carries `value` as its description. */
const templateOf = (value: unknown, more: Template['Resources'] = {}): Template => ({
  Parameters: { Size: { Default: '7' }, Open: {} },
  Resources: { Subject: { Type: 'AWS::IAM::Role', Properties: { Description: value } }, ...more },
  Outputs: {},
});
const resolved = (value: unknown, more?: Template['Resources']) =>
  resolveTemplate(templateOf(value, more), 'Sheaf').resources[0]?.properties.Description;

const bucket = { Bucket: { Type: 'AWS::S3::Bucket', Properties: {} } };

describe('intrinsic functions', () => {
  it.each([
    ['Ref of a pseudo parameter', { Ref: 'AWS::Region' }, 'us-east-1'],
    ['Ref of a parameter', { Ref: 'Size' }, '7'],
    ['Ref of a resource', { Ref: 'Bucket' }, 'sheaf-bucket'],
    ['Fn::GetAtt as a list', { 'Fn::GetAtt': ['Bucket', 'Arn'] }, 'arn:aws:s3:::sheaf-bucket'],
    ['Fn::GetAtt as a text', { 'Fn::GetAtt': 'Bucket.Arn' }, 'arn:aws:s3:::sheaf-bucket'],
    ['Fn::Join', { 'Fn::Join': ['/', [{ Ref: 'AWS::Partition' }, 'b', 3]] }, 'aws/b/3'],
    ['Fn::Select of Fn::Split', { 'Fn::Select': [1, { 'Fn::Split': ['-', 'a-b'] }] }, 'b'],
    [
      'Fn::Sub',
      { 'Fn::Sub': 'x ${AWS::AccountId} ${Bucket.Arn}' },
      'x 000000000000 arn:aws:s3:::sheaf-bucket',
    ],
    ['Fn::Sub with variables', { 'Fn::Sub': ['${a}${!a}', { a: { Ref: 'Size' } }] }, '7${a}'],
    ['plain values', { a: [1, true, null, { b: 'c' }] }, { a: [1, true, null, { b: 'c' }] }],
    ['AWS::NoValue', { a: { Ref: 'AWS::NoValue' }, b: [{ Ref: 'AWS::NoValue' }] }, { b: [] }],
  ])('resolves %s', (_, value, expected) => {
    expect(resolved(value, bucket)).toEqual(expected);
  });

  it('names an unknown function and where it stands', () => {
    expect(() => resolved({ deep: [{ 'Fn::ImportValue': 'x' }] })).toThrow(
      /the function Fn::ImportValue is not known \(in Subject\)/,
    );
  });

  it.each([
    ['a missing resource', { Ref: 'Nobody' }, /Ref of Nobody, which does not exist/],
    ['an attribute that is not there', { 'Fn::GetAtt': ['Bucket', 'Colour'] }, /Bucket\.Colour/],
    ['a parameter without default', { Ref: 'Open' }, /Open has no default/],
  ])('refuses %s', (_, value, message) => {
    expect(() => resolved(value, bucket)).toThrow(message);
  });
});

describe('resource types', () => {
  it('stops at unknown types with the name and logical id of each', () => {
    const more = {
      Queue: { Type: 'AWS::SQS::Queue', Properties: {} },
      Topic: { Type: 'AWS::SNS::Topic', Properties: {} },
    };
    expect(() => resolved('', more)).toThrow(
      /AWS::SQS::Queue \(Queue\), AWS::SNS::Topic \(Topic\)/,
    );
  });

  it('gives a name that the template sets precedence over a generated one', () => {
    const { resources } = resolveTemplate(
      templateOf('', {
        Table: {
          Type: 'AWS::DynamoDB::Table',
          Properties: { TableName: { 'Fn::Sub': 't-${Size}' } },
        },
      }),
      'Sheaf',
    );
    expect(resources[1]).toMatchObject({
      ref: 't-7',
      arn: 'arn:aws:dynamodb:us-east-1:000000000000:table/t-7',
    });
  });

  it('gives every API an id of its own, the same at each start', () => {
    const api = { Type: 'AWS::ApiGatewayV2::Api', Properties: { ProtocolType: 'HTTP' } };
    const ids = () =>
      resolveTemplate(templateOf('', { One: api, Two: api }), 'Sheaf').resources.map((r) => r.ref);
    expect(ids()).toEqual(ids());
    expect(new Set(ids()).size).toBe(3);
  });
});
