/** The workflows. */
import type { Workflow, WorkflowName } from '../../../shared/ports.ts';
import { createWorkflow } from '../../adapters/stepFunctionsWorkflow.ts';
import { createStepFunctionsClient } from '../../adapters/clients/stepFunctions.ts';
import { readEnvironment, readServicePlace } from '../environment.ts';

const VARIABLES = {
  task: 'taskWorkflow',
  ingest: 'ingestWorkflow',
  trial: 'trialWorkflow',
  schedule: 'scheduleWorkflow',
  delivery: 'deliveryWorkflow',
} as const;

/** Needs the variable of each, such as TASK_WORKFLOW_ARN. */
export function openWorkflow(...names: readonly WorkflowName[]): Workflow {
  const arns = names.map((name) => {
    const variable = VARIABLES[name];
    return [name, readEnvironment([variable])[variable]] as const;
  });
  return createWorkflow(Object.fromEntries(arns), createStepFunctionsClient(readServicePlace));
}
