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
import type { Webhooks } from '../webhooks/webhooks.ts';
import type { TaskWorkflow } from '../workflow/taskWorkflow.ts';
import type { Sweeper } from '../sweeper/sweeper.ts';
import type { ScheduleWorkflow } from '../workflow/scheduleWorkflow.ts';
import type { TrialWorkflow } from '../workflow/trialWorkflow.ts';
import { ASSEMBLE_ARCHIVE_SECONDS } from '../workflow/timing.ts';

export interface AlarmsProps {
  readonly https: HttpsApi;
  readonly tasks: TaskWorkflow;
  readonly ingest: IngestWorkflow;
  readonly trials: TrialWorkflow;
  readonly webhooks: Webhooks;
  readonly schedules: ScheduleWorkflow;
  readonly sweeper: Sweeper;
  /** Where alarms are sent; without it they show in CloudWatch alone. */
  readonly topicArn?: string | undefined;
  /** Where those are sent that can wait, when not to the same topic. */
  readonly laterTopicArn?: string | undefined;
}

/** `now`: somebody waits in vain. `later`: work goes on, and should be looked at by day. */
export type Severity = 'now' | 'later';

const PERIOD = Duration.minutes(5);
const sum = { period: PERIOD, statistic: 'Sum' };

/** An archive that takes this long leaves little before its function's timeout. */
const LONG_ASSEMBLY_MS = 0.8 * ASSEMBLE_ARCHIVE_SECONDS * 1000;

/** Counted by the function that records the failure (shared/names.ts, METRICS). */
const counted = (metricName: (typeof METRICS)[keyof typeof METRICS]) =>
  new Metric({
    namespace: METRICS_NAMESPACE,
    metricName,
    dimensionsMap: { service: SERVICE_NAME },
    ...sum,
  });

/** Where it says what to do about an alarm: a section of its own, by the alarm's name. */
const runbook = (id: string) => `docs/operations.md#${id.toLowerCase()}`;

/** What somebody should look at. */
export class Alarms extends Construct {
  /** All of them, in the order of their sections in the runbook. */
  readonly all: Alarm[] = [];
  private readonly actions: Readonly<Record<Severity, SnsAction | undefined>>;

  constructor(
    scope: Construct,
    id: string,
    { https, tasks, ingest, trials, webhooks, schedules, sweeper, ...topics }: AlarmsProps,
  ) {
    super(scope, id);
    const now = this.sendTo('Topic', topics.topicArn);
    this.actions = { now, later: this.sendTo('LaterTopic', topics.laterTopicArn) ?? now };

    this.alarm('TasksFailed', 'now', {
      description: 'A task failed as a whole.',
      metric: tasks.workflow.metricFailed(sum),
      threshold: 1,
    });
    this.alarm('IngestsFailed', 'now', {
      description: 'A data source could not be read, through no fault of its own.',
      metric: ingest.workflow.metricFailed(sum),
      threshold: 1,
    });
    this.alarm('TrialsFailed', 'now', {
      description: 'Rows could not be checked, through no fault of their own.',
      metric: trials.workflow.metricFailed(sum),
      threshold: 1,
    });
    this.alarm('ApiErrors', 'now', {
      description: 'The HTTPS API answered 5xx.',
      metric: https.api.metricServerError(sum),
      threshold: 5,
    });
    this.alarm('ShardsFailed', 'later', {
      description: 'A shard was given up after its retries.',
      metric: counted(METRICS.shardsFailed),
      threshold: 1,
    });
    this.alarm('RenderingThrottled', 'later', {
      description: 'Lambda had no room for shards: they wait, and may fail.',
      metric: tasks.functions.renderShard.metricThrottles(sum),
      threshold: 100,
    });
    this.alarm('WebhooksFailed', 'later', {
      description: 'A webhook was given up after 24 hours.',
      metric: counted(METRICS.webhooksFailed),
      threshold: 1,
    });
    this.alarm('DeliveriesFailed', 'later', {
      description: 'A webhook could not be sent, through no fault of its receiver.',
      metric: webhooks.workflow.metricFailed(sum),
      threshold: 1,
    });
    this.alarm('SchedulesFailed', 'now', {
      description: 'A task could not be started at its time, and will not be.',
      metric: schedules.workflow.metricFailed(sum),
      threshold: 1,
    });
    this.alarm('SweepsFailed', 'later', {
      description: 'The sweeper failed time after time: what processes that died left stays.',
      metric: sweeper.function.metricErrors(sum),
      threshold: 3,
    });
    this.alarm('LongAssembly', 'later', {
      description: 'An archive took nearly as long as its function may.',
      metric: tasks.functions.assembleArchive.metricDuration({
        period: PERIOD,
        statistic: 'Maximum',
      }),
      threshold: LONG_ASSEMBLY_MS,
    });
  }

  private sendTo(id: string, topicArn: string | undefined): SnsAction | undefined {
    return topicArn === undefined
      ? undefined
      : new SnsAction(Topic.fromTopicArn(this, id, topicArn));
  }

  private alarm(
    id: string,
    severity: Severity,
    watched: { description: string; metric: IMetric; threshold: number },
  ): void {
    const alarm = new Alarm(this, id, {
      alarmDescription: `[${severity}] ${watched.description} What to do: ${runbook(id)}`,
      metric: watched.metric,
      threshold: watched.threshold,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    const action = this.actions[severity];
    if (action) alarm.addAlarmAction(action);
    this.all.push(alarm);
  }
}
