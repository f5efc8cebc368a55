import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { HttpsApi } from './api/httpsApi.ts';
import { Console } from './console/console.ts';
import type { FunctionCode } from './functions/bundle.ts';
import { shareConcurrency } from './functions/concurrency.ts';
import { Alarms } from './monitoring/alarms.ts';
import { OperationsDashboard } from './monitoring/dashboard.ts';
import type { Settings } from './settings.ts';
import { ServiceConnections } from './serviceConnections/serviceConnections.ts';
import { TaskBucket } from './storage/taskBucket.ts';
import { TaskTable } from './storage/taskTable.ts';
import { EventStreams } from './stream/eventStreams.ts';
import { StreamApi } from './stream/streamApi.ts';
import { Sweeper } from './sweeper/sweeper.ts';
import { Webhooks } from './webhooks/webhooks.ts';
import { IngestWorkflow } from './workflow/ingestWorkflow.ts';
import { ScheduleWorkflow } from './workflow/scheduleWorkflow.ts';
import { TaskWorkflow } from './workflow/taskWorkflow.ts';
import { TrialWorkflow } from './workflow/trialWorkflow.ts';

export interface SheafStackProps extends Settings {
  /** Where the code of the functions is. */
  readonly code: FunctionCode;
  /** What the files of the console are known by. */
  readonly consoleDigest: string;
}

/** Sheaf, as it is deployed into one account and region. docs/architecture.md tells how it works. */
export class SheafStack extends Stack {
  constructor(scope: Construct, id: string, props: SheafStackProps) {
    // Data that may go with the stack are not worth a protection that keeps it from going.
    const protect = props.deletionProtection && props.retainData;
    super(scope, id, {
      stackName: props.stackName,
      description: 'Sheaf: one Word template and a table of rows in, documents and one ZIP out',
      terminationProtection: protect,
    });
    const { code, allowedOrigins, retainData: retain } = props;

    const concurrency = shareConcurrency(props.lambdaConcurrency, props.eventStreams);
    const table = new TaskTable(this, 'Table', { retain, protect });
    const bucket = new TaskBucket(this, 'Bucket', { retain, allowedOrigins });
    const webhooks = new Webhooks(this, 'Webhooks', { code, table, retain });
    const connections = new ServiceConnections(this, 'ServiceConnections', {
      hosts: props.serviceHosts,
    });
    const stream = new StreamApi(this, 'Stream', {
      code,
      table,
      webhooks,
      concurrency,
      websocketUrl: props.websocketUrl,
    });
    const eventStreams = new EventStreams(this, 'EventStreams', {
      code,
      table,
      concurrency,
      allowedOrigins,
    });
    const trials = new TrialWorkflow(this, 'Trials', { code, table, bucket });
    const tasks = new TaskWorkflow(this, 'Tasks', {
      code,
      table,
      bucket,
      stream,
      webhooks,
      trials,
      connections,
      concurrency,
    });
    const ingest = new IngestWorkflow(this, 'Ingest', { code, table, bucket });
    const schedules = new ScheduleWorkflow(this, 'Schedules', {
      code,
      table,
      stream,
      workflows: [tasks.workflow, webhooks.workflow],
    });
    const https = new HttpsApi(this, 'Https', {
      code,
      table,
      bucket,
      stream,
      eventStreams,
      workflows: [tasks, ingest, trials, schedules, webhooks].map(({ workflow }) => workflow),
      stoppable: [schedules.workflow],
      tasks,
      webhookSecret: webhooks.secret,
      connections,
      concurrency,
      allowedOrigins,
    });
    tasks.tellCallbacks(https.url);
    const sweeper = new Sweeper(this, 'Sweeper', {
      code,
      table,
      bucket,
      stream,
      connections,
      workflows: [tasks.workflow, webhooks.workflow],
    });
    const alarms = new Alarms(this, 'Alarms', {
      https,
      tasks,
      ingest,
      trials,
      webhooks,
      schedules,
      sweeper,
      topicArn: props.alarmTopicArn,
      laterTopicArn: props.laterAlarmTopicArn,
    });
    new OperationsDashboard(this, 'Operations', {
      https,
      webhooks,
      sweeper,
      tasks,
      ingest,
      trials,
      table,
      alarms: alarms.all,
    });

    const page = props.console
      ? new Console(this, 'Console', {
          code,
          digest: props.consoleDigest,
          apiUrl: https.url,
          sources: [
            https.api.apiEndpoint,
            stream.origin,
            eventStreams.url,
            `https://${bucket.bucketRegionalDomainName}`,
          ],
        })
      : undefined;

    this.outputs({
      ...(page && { ConsoleUrl: page.url }),
      ApiUrl: https.url,
      WebSocketUrl: stream.websocketUrl,
      EventsUrl: eventStreams.url,
      BucketName: bucket.bucketName,
      TableName: table.tableName,
      StateMachineArn: tasks.workflow.stateMachineArn,
      IngestStateMachineArn: ingest.workflow.stateMachineArn,
    });
  }

  private outputs(values: Readonly<Record<string, string>>): void {
    for (const [name, value] of Object.entries(values)) new CfnOutput(this, name, { value });
  }
}
