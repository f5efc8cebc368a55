import { Duration } from 'aws-cdk-lib';
import {
  type Alarm,
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IMetric,
  Metric,
  Stats,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { METRICS, METRICS_NAMESPACE } from '../../shared/names.ts';
import type { HttpsApi } from '../api/httpsApi.ts';
import { SERVICE_NAME, type SheafFunction } from '../functions/sheafFunction.ts';
import type { TaskTable } from '../storage/taskTable.ts';
import type { IngestWorkflow } from '../workflow/ingestWorkflow.ts';
import type { Sweeper } from '../sweeper/sweeper.ts';
import type { Webhooks } from '../webhooks/webhooks.ts';
import type { TaskWorkflow } from '../workflow/taskWorkflow.ts';
import type { TrialWorkflow } from '../workflow/trialWorkflow.ts';
import type { Workflow } from '../workflow/workflow.ts';

export interface OperationsDashboardProps {
  readonly https: HttpsApi;
  readonly tasks: TaskWorkflow;
  readonly ingest: IngestWorkflow;
  readonly trials: TrialWorkflow;
  readonly table: TaskTable;
  readonly webhooks: Webhooks;
  readonly sweeper: Sweeper;
  readonly alarms: readonly Alarm[];
}

const PERIOD = Duration.minutes(1);
/** CloudWatch's grid has 24 columns: three graphs a row. */
const WIDTH = 8;
const HEIGHT = 6;

type Name = (typeof METRICS)[keyof typeof METRICS];

/** One of our own metrics (shared/names.ts, METRICS), summed over a minute. */
const ours = (metricName: Name) =>
  new Metric({
    namespace: METRICS_NAMESPACE,
    metricName,
    dimensionsMap: { service: SERVICE_NAME },
    statistic: Stats.SUM,
    period: PERIOD,
  });

/**
 * What an operator looks at first: is work done, how quickly are people answered, what is refused, and
 * which alarm rings. docs/operations.md says how to read it. It shows counts and times, never data.
 */
export class OperationsDashboard extends Construct {
  constructor(scope: Construct, id: string, props: OperationsDashboardProps) {
    super(scope, id);
    const { https, tasks, ingest, trials, table, webhooks, sweeper, alarms } = props;
    const { planShards, renderShard, assembleArchive, finishTask } = tasks.functions;
    const dashboard = new Dashboard(this, 'Dashboard', { defaultInterval: Duration.hours(3) });
    dashboard.addWidgets(
      new TextWidget({
        markdown:
          '**Sheaf** · What each graph tells and what to do about an alarm: docs/operations.md, "The dashboard" and "Alarms".',
        width: 3 * WIDTH,
        height: 1,
      }),
    );
    dashboard.addWidgets(
      new AlarmStatusWidget({ title: 'Alarms', alarms: [...alarms], width: 3 * WIDTH, height: 3 }),
    );
    const rows: [string, IMetric[], IMetric[]?][][] = [
      [
        ['Documents a minute', [ours(METRICS.documentsRendered), ours(METRICS.documentsFailed)]],
        [
          'Tasks and rows',
          [ours(METRICS.tasksFinished)],
          [ours(METRICS.rowsIngested), ours(METRICS.rowsChecked)],
        ],
        ['Shards', [ours(METRICS.shardsRendered), ours(METRICS.shardsFailed)]],
      ],
      [
        ['API requests', [https.api.metricCount(each(Stats.SUM))]],
        [
          'API refusals',
          [
            https.api.metricClientError(each(Stats.SUM)),
            https.api.metricServerError(each(Stats.SUM)),
          ],
        ],
        [
          'API latency',
          [Stats.p(50), Stats.p(95), Stats.p(99)].map((p) => https.api.metricLatency(each(p))),
        ],
      ],
      [
        [
          'Executions under way and failed',
          [started(tasks), failed(tasks)],
          [started(ingest), failed(ingest), started(trials), failed(trials)],
        ],
        [
          'Functions: longest run',
          labelled({ planShards, renderShard, assembleArchive, finishTask }, (lambda) =>
            lambda.metricDuration(each(Stats.MAXIMUM)),
          ),
        ],
        [
          'Functions: throttled',
          labelled({ planShards, renderShard, assembleArchive, finishTask }, (lambda) =>
            lambda.metricThrottles(each(Stats.SUM)),
          ),
        ],
      ],
      [
        ['Renderers at a time', [renderShard.metric('ConcurrentExecutions', each(Stats.MAXIMUM))]],
        [
          'Table: units a minute',
          [
            table.metricConsumedReadCapacityUnits(each(Stats.SUM)),
            table.metricConsumedWriteCapacityUnits(each(Stats.SUM)),
          ],
        ],
        ['Table: throttled', THROTTLES.map((name) => table.metric(name, each(Stats.SUM)))],
      ],
      [
        ['Webhooks', [ours(METRICS.webhooksDelivered), ours(METRICS.webhooksFailed)]],
        ['Deliveries under way and failed', [started(webhooks), failed(webhooks)]],
        [
          'Sweeper',
          [sweeper.function.metricDuration(each(Stats.MAXIMUM))],
          [sweeper.function.metricErrors(each(Stats.SUM))],
        ],
      ],
    ];
    for (const row of rows) {
      dashboard.addWidgets(
        ...row.map(
          ([title, left, right = []]) =>
            new GraphWidget({ title, left, right, width: WIDTH, height: HEIGHT }),
        ),
      );
    }
  }
}

const THROTTLES = ['ReadThrottleEvents', 'WriteThrottleEvents'] as const;

const each = (statistic: string) => ({ statistic, period: PERIOD });

/** Whatever has a workflow. */
interface Running {
  readonly workflow: Workflow;
}

const started = ({ workflow }: Running) => workflow.metricStarted(each(Stats.SUM));
const failed = ({ workflow }: Running) => workflow.metricFailed(each(Stats.SUM));

/** The same metric of several functions, each under its name. */
const labelled = (
  functions: Readonly<Record<string, SheafFunction>>,
  metricOf: (lambda: SheafFunction) => Metric,
): Metric[] => Object.entries(functions).map(([label, lambda]) => metricOf(lambda).with({ label }));
