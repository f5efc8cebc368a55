import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { ENV } from '../../shared/names.ts';
import type { FunctionCode } from '../functions/bundle.ts';
import type { Concurrency } from '../functions/concurrency.ts';
import { ONE_CPU_MIB, SheafFunction, SMALL_MIB } from '../functions/sheafFunction.ts';
import type { ServiceConnections } from '../serviceConnections/serviceConnections.ts';
import type { TaskBucket } from '../storage/taskBucket.ts';
import type { TaskTable } from '../storage/taskTable.ts';
import type { StreamApi } from '../stream/streamApi.ts';
import type { TrialWorkflow } from './trialWorkflow.ts';
import type { Webhooks } from '../webhooks/webhooks.ts';
import {
  ASSEMBLE_ARCHIVE_SECONDS,
  AWAIT_CALLBACKS_SECONDS,
  CALL_ROWS_SECONDS,
  FAIL_TASK_SECONDS,
  FINISH_TASK_SECONDS,
  PLAN_SHARDS_SECONDS,
  RECORD_SHARD_FAILURE_SECONDS,
  RENDER_SHARD_SECONDS,
} from './timing.ts';

export interface TaskFunctionsProps {
  readonly code: FunctionCode;
  readonly table: TaskTable;
  readonly bucket: TaskBucket;
  /** Where progress is pushed to. */
  readonly stream: StreamApi;
  /** Where events are sent to webhooks. */
  readonly webhooks: Webhooks;
  /** Whose function checks its rows. */
  readonly trials: TrialWorkflow;
  /** Services that rows are sent to. */
  readonly connections: ServiceConnections;
  readonly concurrency: Concurrency;
}

/** The functions of the task workflow; each may do what its step needs. */
export function taskFunctions(
  scope: Construct,
  { code, table, bucket, stream, webhooks, trials, connections, concurrency }: TaskFunctionsProps,
) {
  /** Every one of them may be the one that tells of what happened. */
  const allowTell = (teller: SheafFunction) => {
    stream.allowPush(teller);
    webhooks.workflow.allowStart(teller);
  };

  const planShards = new SheafFunction(scope, 'PlanShardsFunction', {
    handler: 'functions/planShards/handler.ts',
    code,
    description: 'Cuts the rows of a task into shards',
    memoryMiB: ONE_CPU_MIB,
    timeout: Duration.seconds(PLAN_SHARDS_SECONDS),
  });
  planShards.addEnvironment(ENV.taskConcurrency, String(concurrency.ofTask));
  table.allow(planShards, 'readWrite');
  bucket.allow(planShards, { read: ['templates', 'sources'], readWrite: ['tasks'] });
  allowTell(planShards);

  const callRows = new SheafFunction(scope, 'CallRowsFunction', {
    handler: 'functions/callRows/handler.ts',
    code,
    description: 'Calls services for the rows of one shard, many at a time',
    memoryMiB: ONE_CPU_MIB,
    timeout: Duration.seconds(CALL_ROWS_SECONDS),
  });
  table.allow(callRows, 'readWrite');
  bucket.allow(callRows, { read: ['sources'], readWrite: ['tasks'] });
  allowTell(callRows);
  connections.allowCall(callRows);
  // The URLs that services call back are made from it.
  webhooks.secret.allowRead(callRows);

  const awaitCallbacks = new SheafFunction(scope, 'AwaitCallbacksFunction', {
    handler: 'functions/awaitCallbacks/handler.ts',
    code,
    description: 'Keeps how the workflow is told that services called back',
    memoryMiB: SMALL_MIB,
    timeout: Duration.seconds(AWAIT_CALLBACKS_SECONDS),
  });
  table.allow(awaitCallbacks, 'readWrite');

  const renderShard = new SheafFunction(scope, 'RenderShardFunction', {
    handler: 'functions/renderShard/handler.ts',
    code,
    description: 'Renders the documents of one shard into one segment',
    memoryMiB: ONE_CPU_MIB,
    timeout: Duration.seconds(RENDER_SHARD_SECONDS),
  });
  table.allow(renderShard, 'readWrite');
  bucket.allow(renderShard, { read: ['templates', 'sources'], readWrite: ['tasks'] });
  allowTell(renderShard);

  const recordShardFailure = new SheafFunction(scope, 'RecordShardFailureFunction', {
    handler: 'functions/recordShardFailure/handler.ts',
    code,
    description: 'Records a shard that failed for good',
    memoryMiB: SMALL_MIB,
    timeout: Duration.seconds(RECORD_SHARD_FAILURE_SECONDS),
  });
  table.allow(recordShardFailure, 'readWrite');
  bucket.allow(recordShardFailure, { read: ['tasks'] });
  allowTell(recordShardFailure);

  const assembleArchive = new SheafFunction(scope, 'AssembleArchiveFunction', {
    handler: 'functions/assembleArchive/handler.ts',
    code,
    description: 'Joins the segments of a task into one archive',
    memoryMiB: ONE_CPU_MIB,
    timeout: Duration.seconds(ASSEMBLE_ARCHIVE_SECONDS),
  });
  table.allow(assembleArchive, 'readWrite');
  bucket.allow(assembleArchive, { readWrite: ['tasks'] });
  allowTell(assembleArchive);

  const finishTask = new SheafFunction(scope, 'FinishTaskFunction', {
    handler: 'functions/finishTask/handler.ts',
    code,
    description: 'Counts what a task made and tells of its end',
    memoryMiB: SMALL_MIB,
    timeout: Duration.seconds(FINISH_TASK_SECONDS),
  });
  table.allow(finishTask, 'readWrite');
  allowTell(finishTask);

  const failTask = new SheafFunction(scope, 'FailTaskFunction', {
    handler: 'functions/failTask/handler.ts',
    code,
    description: 'Records a task that failed as a whole and tells of it',
    memoryMiB: SMALL_MIB,
    timeout: Duration.seconds(FAIL_TASK_SECONDS),
  });
  table.allow(failTask, 'readWrite');
  allowTell(failTask);

  return {
    runTrial: trials.runTrial,
    planShards,
    callRows,
    awaitCallbacks,
    renderShard,
    recordShardFailure,
    assembleArchive,
    finishTask,
    failTask,
  };
}

export type TaskFunctions = ReturnType<typeof taskFunctions>;
