/** The workflows. */
import type { Workflow, WorkflowName } from '../../../shared/ports.ts';
import { createWorkflow } from '../../adapters/stepFunctionsWorkflow.ts';
import { readEnvironment } from '../environment.ts';

const VARIABLES = {
  task: 'taskWorkflow',
  ingest: 'ingestWorkflow',
  schedule: 'scheduleWorkflow',
} as const;

/** Needs the variable of each: TASK_WORKFLOW_ARN, INGEST_WORKFLOW_ARN, SCHEDULE_WORKFLOW_ARN. */
export function openWorkflow(...names: readonly WorkflowName[]): Workflow {
  const arns = names.map((name) => {
    const variable = VARIABLES[name];
    return [name, readEnvironment([variable])[variable]] as const;
  });
  return createWorkflow(Object.fromEntries(arns));
}
