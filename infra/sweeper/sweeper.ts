import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import type { FunctionCode } from '../functions/bundle.ts';
import { SheafFunction, SMALL_MIB } from '../functions/sheafFunction.ts';
import type { ServiceConnections } from '../serviceConnections/serviceConnections.ts';
import type { TaskBucket } from '../storage/taskBucket.ts';
import type { TaskTable } from '../storage/taskTable.ts';
import type { StreamApi } from '../stream/streamApi.ts';
import type { Workflow } from '../workflow/workflow.ts';

export interface SweeperProps {
  readonly code: FunctionCode;
  readonly table: TaskTable;
  /** Where the objects are of tasks whose time has passed. */
  readonly bucket: TaskBucket;
  /** Where it tells of tasks that it ends. */
  readonly stream: StreamApi;
  /** Whose secrets it deletes where no connection is left. */
  readonly connections: ServiceConnections;
  /** What it starts: runs whose turn has come, and deliveries of what it tells. */
  readonly workflows: readonly Workflow[];
}

/** As often as EventBridge can; a task waits no longer than this for what a process that died owed it. */
const PERIOD = Duration.minutes(1);

/** Less than the period: the next call goes on where this one had to stop. */
const TIMEOUT = Duration.seconds(50);

/**
 * What processes that died have left is mended once a minute. A rule needs no role, and calls at least once: calls
 * that overlap do no harm.
 */
export class Sweeper extends Construct {
  readonly function: SheafFunction;

  constructor(scope: Construct, id: string, props: SweeperProps) {
    super(scope, id);
    const { code, table, bucket, stream, connections, workflows } = props;
    this.function = new SheafFunction(this, 'Function', {
      handler: 'functions/sweep/handler.ts',
      code,
      description: 'Mends what processes that died have left',
      memoryMiB: SMALL_MIB,
      timeout: TIMEOUT,
    });
    table.allow(this.function, 'readWrite');
    bucket.allow(this.function, { remove: ['tasks', 'templates', 'sources', 'trials'] });
    stream.allowPush(this.function);
    connections.allowForget(this.function);
    for (const workflow of workflows) workflow.allowStart(this.function);
    new Rule(this, 'EveryMinute', {
      description: 'Calls the sweeper',
      schedule: Schedule.rate(PERIOD),
      targets: [new LambdaFunction(this.function)],
    });
  }
}
