/** The workflows. */
import type { Workflow } from '../../../shared/ports.ts';
import { createWorkflow } from '../../adapters/stepFunctionsWorkflow.ts';
import { readEnvironment } from '../environment.ts';

/** Needs TASK_WORKFLOW_ARN and INGEST_WORKFLOW_ARN. */
export function openWorkflow(): Workflow {
  const { taskWorkflow, ingestWorkflow } = readEnvironment(['taskWorkflow', 'ingestWorkflow']);
  return createWorkflow({ task: taskWorkflow, ingest: ingestWorkflow });
}
