import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  type IMetric,
  ComparisonOperator,
  Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { METRICS, METRICS_NAMESPACE } from '../../shared/names.ts';
import type { HttpsApi } from '../api/httpsApi.ts';
import { SERVICE_NAME } from '../functions/sheafFunction.ts';
import type { IngestWorkflow } from '../workflow/ingestWorkflow.ts';
import type { TaskWorkflow } from '../workflow/taskWorkflow.ts';
import { ASSEMBLE_ARCHIVE_SECONDS } from '../workflow/timing.ts';

export interface AlarmsProps {
  readonly https: HttpsApi;
  readonly tasks: TaskWorkflow;
  readonly ingest: IngestWorkflow;
  /** Where alarms are sent; without it they show in CloudWatch alone. */
  readonly topicArn?: string | undefined;
}

const PERIOD = Duration.minutes(5);
const sum = { period: PERIOD, statistic: 'Sum' };

/** An archive that takes this long leaves little before its function's timeout. */
const LONG_ASSEMBLY_MS = 0.8 * ASSEMBLE_ARCHIVE_SECONDS * 1000;

/** Counted by the function that records the failure (shared/names.ts, METRICS). */
const shardsFailed = new Metric({
  namespace: METRICS_NAMESPACE,
  metricName: METRICS.shardsFailed,
  dimensionsMap: { service: SERVICE_NAME },
  ...sum,
});

/** What somebody should look at. docs/operations.md says what to do about each, by its name. */
export class Alarms extends Construct {
  private readonly action: SnsAction | undefined;

  constructor(scope: Construct, id: string, { https, tasks, ingest, topicArn }: AlarmsProps) {
    super(scope, id);
    this.action = topicArn ? new SnsAction(Topic.fromTopicArn(this, 'Topic', topicArn)) : undefined;

    this.alarm('TasksFailed', 'A task failed as a whole.', tasks.workflow.metricFailed(sum), 1);
    this.alarm(
      'IngestsFailed',
      'A data source could not be read.',
      ingest.workflow.metricFailed(sum),
      1,
    );
    this.alarm('ShardsFailed', 'A shard was given up after its retries.', shardsFailed, 1);
    this.alarm('ApiErrors', 'The HTTPS API answered 5xx.', https.api.metricServerError(sum), 5);
    this.alarm(
      'RenderingThrottled',
      'Lambda had no room for shards: they wait, and may fail.',
      tasks.functions.renderShard.metricThrottles(sum),
      100,
    );
    this.alarm(
      'LongAssembly',
      'An archive took nearly as long as its function may.',
      tasks.functions.assembleArchive.metricDuration({ period: PERIOD, statistic: 'Maximum' }),
      LONG_ASSEMBLY_MS,
    );
  }

  private alarm(id: string, description: string, metric: IMetric, threshold: number): void {
    const alarm = new Alarm(this, id, {
      alarmDescription: `${description} See "Alarms" in docs/operations.md.`,
      metric,
      threshold,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    if (this.action) alarm.addAlarmAction(this.action);
  }
}
