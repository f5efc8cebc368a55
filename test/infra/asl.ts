/** The definitions of the synthesized state machines, as Step Functions would get them. */
import type { Template } from 'aws-cdk-lib/assertions';
import { z } from 'zod';
import { IntrinsicSchema, onlyId } from './support.ts';

const RetrierSchema = z.object({
  ErrorEquals: z.array(z.string()),
  IntervalSeconds: z.number().default(1),
  MaxAttempts: z.number().default(3),
  BackoffRate: z.number().default(2),
  MaxDelaySeconds: z.number().optional(),
  JitterStrategy: z.enum(['FULL', 'NONE']).default('NONE'),
});
/** One retrier, with the defaults of the Amazon States Language. */
export type Retrier = z.infer<typeof RetrierSchema>;

const CatcherSchema = z.object({
  ErrorEquals: z.array(z.string()),
  ResultPath: z.string().nullable(),
  Next: z.string(),
});

const StateSchema = z.looseObject({
  Type: z.string(),
  Next: z.string().optional(),
  Default: z.string().optional(),
  Retry: z.array(RetrierSchema).default([]),
  Catch: z.array(CatcherSchema).default([]),
  TimeoutSeconds: z.number().optional(),
  TimeoutSecondsPath: z.string().optional(),
  Parameters: z.record(z.string(), z.unknown()).default({}),
  get ItemProcessor() {
    return z.looseObject({ States: z.record(z.string(), StateSchema) }).optional();
  },
});
export type State = z.infer<typeof StateSchema>;

const MachineSchema = z.looseObject({
  StartAt: z.string(),
  States: z.record(z.string(), StateSchema),
});

const ACCOUNT = { partition: 'aws', region: 'eu-central-1', account: '111122223333' };

/** The definition as JSON, its references replaced by ARNs and names of a made-up account. */
export function definitionOf(template: Template, prefix: string): unknown {
  const type = 'AWS::StepFunctions::StateMachine';
  const { Properties } = template.findResources(type)[onlyId(template, type, prefix)] ?? {};
  const { DefinitionString } = z.object({ DefinitionString: z.unknown() }).parse(Properties);
  return JSON.parse(resolve(DefinitionString));
}

/** All states of a definition by name, those within the map included. */
export function statesOf(definition: unknown): Record<string, State> {
  const { States } = MachineSchema.parse(definition);
  const inner = Object.values(States).flatMap((state) =>
    Object.entries(state.ItemProcessor?.States ?? {}),
  );
  return { ...States, ...Object.fromEntries(inner) };
}

function resolve(value: unknown): string {
  if (typeof value === 'string') return value;
  const intrinsic = IntrinsicSchema.parse(value);
  if ('Fn::Join' in intrinsic) return intrinsic['Fn::Join'][1].map(resolve).join('');
  if ('Fn::GetAtt' in intrinsic) {
    const { partition, region, account } = ACCOUNT;
    return `arn:${partition}:lambda:${region}:${account}:function:${intrinsic['Fn::GetAtt'][0] ?? ''}`;
  }
  return intrinsic.Ref === 'AWS::Partition' ? ACCOUNT.partition : intrinsic.Ref;
}
