import { describe, expect, it } from 'vitest';
import { compilePermissions } from '../../../../local/iam/permissions.ts';

const statement = (more: object) => ({
  Effect: 'Allow',
  Action: 's3:GetObject',
  Resource: 'arn:aws:s3:::b/*',
  ...more,
});
const permissions = (...statements: object[]) =>
  compilePermissions({ Role: [{ Version: '2012-10-17', Statement: statements }] });

describe('compilePermissions', () => {
  it('allows nothing by default', () => {
    expect(permissions().allows('Role', 's3:GetObject', 'arn:aws:s3:::b/k')).toBe(false);
    expect(permissions(statement({})).allows('Other', 's3:GetObject', 'arn:aws:s3:::b/k')).toBe(
      false,
    );
  });

  it.each([
    ['s3:GetObject', 'arn:aws:s3:::b/k', true],
    ['S3:getobject', 'arn:aws:s3:::b/k', true],
    ['s3:GetObjectAcl', 'arn:aws:s3:::b/k', false],
    ['s3:GetObject', 'arn:aws:s3:::b/', true],
    ['s3:GetObject', 'arn:aws:s3:::b', false],
    ['s3:GetObject', 'arn:aws:s3:::B/k', false],
    ['s3:GetObject', 'arn:aws:s3:::b/line\nbreak', true],
  ])('%s on %j: %s', (action, resource, allowed) => {
    expect(permissions(statement({})).allows('Role', action, resource)).toBe(allowed);
  });

  it('takes * and ? in patterns, and every other sign as it is', () => {
    const allowed = permissions(
      statement({ Action: ['s3:Get*', 's3:P?tObject'], Resource: 'arn:a.b(c)[d]+$' }),
    );
    expect(allowed.allows('Role', 's3:GetObjectTagging', 'arn:a.b(c)[d]+$')).toBe(true);
    expect(allowed.allows('Role', 's3:PutObject', 'arn:a.b(c)[d]+$')).toBe(true);
    expect(allowed.allows('Role', 's3:PuttObject', 'arn:a.b(c)[d]+$')).toBe(false);
    expect(allowed.allows('Role', 's3:GetObject', 'arn:axb(c)[d]+$')).toBe(false);
  });

  it('lets Deny win, from whichever policy', () => {
    const both = compilePermissions({
      Role: [
        { Statement: statement({ Effect: 'Deny', Resource: 'arn:aws:s3:::b/secret' }) },
        { Statement: [statement({})] },
      ],
    });
    expect(both.allows('Role', 's3:GetObject', 'arn:aws:s3:::b/k')).toBe(true);
    expect(both.allows('Role', 's3:GetObject', 'arn:aws:s3:::b/secret')).toBe(false);
  });

  it('evaluates the conditions that it knows', () => {
    const Condition = {
      StringEquals: { 's3:prefix': ['a', 'b'] },
      StringLike: { 'aws:Agent': 'x*' },
    };
    const allowed = permissions(statement({ Condition }));
    const ask = (context: Record<string, string>) =>
      allowed.allows('Role', 's3:GetObject', 'arn:aws:s3:::b/k', context);
    expect(ask({ 's3:prefix': 'b', 'aws:Agent': 'xyz' })).toBe(true);
    expect(ask({ 's3:prefix': 'c', 'aws:Agent': 'xyz' })).toBe(false);
    expect(ask({ 's3:prefix': 'b', 'aws:Agent': 'yz' })).toBe(false);
    expect(ask({ 's3:prefix': 'b' })).toBe(false);
  });

  it.each([
    [
      'an operator that it does not know',
      { Condition: { DateLessThan: { a: 'b' } } },
      'DateLessThan',
    ],
    ['NotAction', { NotAction: 's3:GetObject' }, 'NotAction'],
    ['NotResource', { NotResource: '*' }, 'NotResource'],
    ['an unresolved reference', { Resource: { Ref: 'Bucket' } }, 'Resource'],
    ['an effect that is none', { Effect: 'allow' }, 'Effect'],
  ])('refuses %s, by name', (_what, more, named) => {
    expect(() => permissions(statement(more))).toThrow(named);
    expect(() => permissions(statement(more))).toThrow('Role');
  });
});
