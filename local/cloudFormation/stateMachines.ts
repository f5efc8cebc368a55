/** The template's Step Functions state machines, as the workflow engine runs them. */
import { z } from 'zod';
import type { Resource } from './resolve.ts';

const PropertiesSchema = z.object({
  DefinitionString: z.string(),
  RoleArn: z.string(),
  // The default of AWS::StepFunctions::StateMachine.
  StateMachineType: z.string().default('STANDARD'),
});

export interface StateMachineDefinition {
  readonly arn: string;
  readonly name: string;
  readonly type: string;
  readonly roleArn: string;
  /** Amazon States Language, parsed. */
  readonly definition: unknown;
}

/** Reads one AWS::StepFunctions::StateMachine. */
export function stateMachine(resource: Resource): StateMachineDefinition {
  const { DefinitionString, RoleArn, StateMachineType } = PropertiesSchema.parse(
    resource.properties,
  );
  return {
    arn: resource.ref,
    name: resource.ref.split(':').at(-1) ?? '',
    type: StateMachineType,
    roleArn: RoleArn,
    definition: JSON.parse(DefinitionString),
  };
}
