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

/** What of a state says where it leads, and what it calls. */
const StateSchema = z.object({
  Next: z.string().optional(),
  Default: z.string().optional(),
  Choices: z.array(z.object({ Next: z.string(), StringEquals: z.string().optional() })).default([]),
  ItemProcessor: z.unknown().optional(),
  Parameters: z.looseObject({ FunctionName: z.unknown().optional() }).optional(),
});
const FlowSchema = z.object({ StartAt: z.string(), States: z.record(z.string(), StateSchema) });

/**
 * The functions that an execution may call in which nothing fails: those behind a Catch are left out, and those that some
 * executions alone come to, by a choice among words. In the order in which most executions come to them.
 */
export function functionsOnTheWay(definition: unknown): Set<string> {
  const { StartAt, States } = FlowSchema.parse(definition);
  const functions = new Set<string>();
  const ahead = new Set([StartAt]);
  // States that are added meanwhile have their turn, too.
  for (const name of ahead) {
    const state = States[name];
    if (!state) continue;
    const { Next, Default, Choices, ItemProcessor, Parameters } = state;
    if (typeof Parameters?.FunctionName === 'string') functions.add(Parameters.FunctionName);
    if (ItemProcessor !== undefined) {
      for (const called of functionsOnTheWay(ItemProcessor)) functions.add(called);
    }
    const chosen = Choices.filter(({ StringEquals }) => StringEquals === undefined);
    for (const next of [Default, Next, ...chosen.map((choice) => choice.Next)]) {
      if (next !== undefined) ahead.add(next);
    }
  }
  return functions;
}
