import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { ENV } from '../../shared/names.ts';
import type { FunctionCode } from '../functions/bundle.ts';
import { ONE_CPU_MIB, SheafFunction } from '../functions/sheafFunction.ts';
import type { TaskBucket } from '../storage/taskBucket.ts';
import type { TaskTable } from '../storage/taskTable.ts';
import { recordedStep } from './recordedStep.ts';
import { INGEST_SOURCE_SECONDS } from './timing.ts';
import { Workflow } from './workflow.ts';

/** Schema IngestRun (shared/schemas/workflow.ts). */
const INGEST_RUN = { 'dataSourceId.$': '$.dataSourceId', 'read.$': '$.read' };

export interface IngestWorkflowProps {
  readonly code: FunctionCode;
  readonly table: TaskTable;
  readonly bucket: TaskBucket;
}

/**
 * The workflow of a data source: IngestSource reads the uploaded file into rows. Faults of the file
 * are a result; when the function itself fails for good, it is called once more to record that.
 */
export class IngestWorkflow extends Construct {
  readonly workflow: Workflow;
  readonly ingestSource: SheafFunction;

  constructor(scope: Construct, id: string, props: IngestWorkflowProps) {
    super(scope, id);
    this.ingestSource = this.ingestFunction(props);
    this.workflow = new Workflow(this, 'StateMachine', {
      comment: 'Reads an uploaded data source into rows',
      name: 'ingest-workflow',
      definition: this.definition(),
      functions: [this.ingestSource],
      startVariable: ENV.ingestWorkflow,
    });
  }

  private ingestFunction({ code, table, bucket }: IngestWorkflowProps): SheafFunction {
    const ingestSource = new SheafFunction(this, 'IngestSourceFunction', {
      handler: 'functions/ingestSource/handler.ts',
      code,
      description: 'Reads an uploaded data source into rows and an index',
      memoryMiB: ONE_CPU_MIB,
      timeout: Duration.seconds(INGEST_SOURCE_SECONDS),
    });
    table.allow(ingestSource, 'readWrite');
    bucket.allow(ingestSource, { readWrite: ['sources'] });
    return ingestSource;
  }

  private definition() {
    return recordedStep(this, {
      names: { step: 'IngestSource', record: 'RecordIngestFailure', failed: 'IngestFailed' },
      comments: {
        step: 'Streams the uploaded file into rows, an index and a list of columns',
        record: 'Records that the file could not be read through no fault of its own',
        failed: 'The data source says what went wrong.',
      },
      function: this.ingestSource,
      payload: INGEST_RUN,
    });
  }
}
