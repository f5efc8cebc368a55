/**
 * Reasons for the wildcards that stay in policies. cdk-nag (rule AwsSolutions-IAM5) reports each one
 * that has no reason here; test/infra/security.test.ts runs it.
 */
import { type CfnElement, Stack, Validations } from 'aws-cdk-lib';
import type { Construct, IConstruct } from 'constructs';

/**
 * Gives the reason why a policy of `grantee` names a resource with a wildcard.
 * @param resource the resource as cdk-nag spells it: tokens in angle brackets
 */
export function explainWildcard(grantee: IConstruct, resource: string, reason: string): void {
  Validations.of(grantee).acknowledge({ id: `AwsSolutions-IAM5[Resource::${resource}]`, reason });
}

/** The ARN of a resource, as cdk-nag spells it. */
export function nagArn(resource: Construct): string {
  return `<${logicalId(resource)}.Arn>`;
}

/** The name that the template has for a resource. */
export function logicalId(resource: Construct): string {
  const element = resource.node.defaultChild as CfnElement;
  return element.stack.resolve(element.logicalId) as string;
}

/** A text that holds references, as cdk-nag spells it. */
export function nagText(scope: Construct, text: string): string {
  const resolved: unknown = Stack.of(scope).resolve(text);
  const parts =
    typeof resolved === 'object' && resolved !== null && 'Fn::Join' in resolved
      ? (resolved['Fn::Join'] as [string, unknown[]])[1]
      : [resolved];
  return parts
    .map((part) => (typeof part === 'string' ? part : `<${(part as { Ref: string }).Ref}>`))
    .join('');
}

/** The ARN of all executions of a state machine, or of those of its map `label`, as cdk-nag spells it. */
export function nagExecutionsArn(workflow: Construct, label?: string): string {
  const name = `{"Fn::Select":[6,{"Fn::Split":[":",{"Ref":"${logicalId(workflow)}"}]}]}`;
  const execution = label === undefined ? name : `${name}/${label}`;
  return `arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:${execution}:*`;
}
