import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, it } from 'vitest';
import { createStack, statementsByRole, synthesize } from './support.ts';

/** Actions for which AWS knows no resources, so that only * can stand there. */
const WITHOUT_RESOURCES: Record<string, string> = {
  'xray:PutTraceSegments': 'traces belong to a whole account',
  'xray:PutTelemetryRecords': 'traces belong to a whole account',
  'xray:GetSamplingRules': 'sampling rules belong to a whole account',
  'xray:GetSamplingTargets': 'sampling rules belong to a whole account',
  // https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
  'logs:CreateLogDelivery': 'log deliveries have no ARN',
  'logs:GetLogDelivery': 'log deliveries have no ARN',
  'logs:UpdateLogDelivery': 'log deliveries have no ARN',
  'logs:DeleteLogDelivery': 'log deliveries have no ARN',
  'logs:ListLogDeliveries': 'log deliveries have no ARN',
  'logs:PutResourcePolicy': 'resource policies of CloudWatch Logs belong to a whole account',
  'logs:DescribeResourcePolicies': 'resource policies of CloudWatch Logs belong to a whole account',
  'logs:DescribeLogGroups': 'it lists, so there is no resource to name',
};

describe('policies of roles', () => {
  const statements = [...statementsByRole(synthesize()).values()].flat();

  it('only allow: nothing has to be taken back', () => {
    expect(statements.length).toBeGreaterThan(0);
    expect(statements.filter(({ Effect }) => Effect !== 'Allow')).toEqual([]);
  });

  it('name every action, none by wildcard', () => {
    const actions = statements.flatMap(({ Action }) => Action);
    expect(actions.filter((action) => action.includes('*'))).toEqual([]);
  });

  it('name every resource, but for actions that know none', () => {
    const everywhere = statements
      .filter(({ Resource }) => Resource.includes('*'))
      .flatMap(({ Action }) => Action);
    expect(everywhere.filter((action) => !(action in WITHOUT_RESOURCES))).toEqual([]);
  });

  it('come with the role, not with a policy that AWS manages', () => {
    for (const role of Object.values(synthesize().findResources('AWS::IAM::Role'))) {
      expect(role.Properties).not.toHaveProperty('ManagedPolicyArns');
    }
  });
});

describe('cdk-nag, AwsSolutions', () => {
  /** Findings, as rule and construct. */
  const findings = (stack: ReturnType<typeof createStack>) =>
    new AwsSolutionsChecks(stack)
      .validateScope(stack)
      .violations.flatMap(({ ruleName, violatingResources }) =>
        violatingResources.map(({ constructPath }) => `${ruleName} ${constructPath}`),
      );

  it('finds nothing without a reason', () => {
    expect(findings(createStack())).toEqual([]);
    expect(findings(createStack({ retainData: false }))).toEqual([]);
  });

  it('would find a fault', () => {
    const stack = createStack();
    new LambdaFunction(stack, 'Careless', {
      runtime: Runtime.NODEJS_18_X,
      handler: 'index.handler',
      code: Code.fromInline('//'),
    });
    expect(findings(stack)).toEqual(
      expect.arrayContaining([
        'AwsSolutions-L1 Sheaf/Careless/Resource',
        expect.stringMatching(/^AwsSolutions-IAM4.* Sheaf\/Careless\/ServiceRole\/Resource$/),
      ]),
    );
  });
});
