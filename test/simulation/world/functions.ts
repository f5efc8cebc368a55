/** The functions as they are deployed, by name; their ports are those of the process that runs them. */
import type { Context } from 'aws-lambda';
import { streaming } from './streaming.ts';
import { handler as api } from '../../../functions/api/handler.ts';
import { handler as awaitCallbacks } from '../../../functions/awaitCallbacks/handler.ts';
import { handler as assembleArchive } from '../../../functions/assembleArchive/handler.ts';
import { handler as eventStream } from '../../../functions/eventStream/handler.ts';
import { handler as failTask } from '../../../functions/failTask/handler.ts';
import { handler as finishTask } from '../../../functions/finishTask/handler.ts';
import { handler as ingestSource } from '../../../functions/ingestSource/handler.ts';
import { handler as planShards } from '../../../functions/planShards/handler.ts';
import { handler as recordShardFailure } from '../../../functions/recordShardFailure/handler.ts';
import { handler as callRows } from '../../../functions/callRows/handler.ts';
import { handler as renderShard } from '../../../functions/renderShard/handler.ts';
import { handler as runTrial } from '../../../functions/runTrial/handler.ts';
import { handler as sendWebhook } from '../../../functions/sendWebhook/handler.ts';
import { handler as startScheduled } from '../../../functions/startScheduled/handler.ts';
import { handler as stream } from '../../../functions/stream/handler.ts';
import { handler as streamAuthorizer } from '../../../functions/streamAuthorizer/handler.ts';
import { handler as sweep } from '../../../functions/sweep/handler.ts';

type Handler = (event: unknown, context: Context) => Promise<unknown>;

export const functions = {
  api,
  assembleArchive,
  awaitCallbacks,
  eventStream: streaming(() => eventStream),
  failTask,
  finishTask,
  ingestSource,
  planShards,
  recordShardFailure,
  callRows,
  renderShard,
  runTrial,
  sendWebhook,
  startScheduled,
  stream,
  streamAuthorizer,
  sweep,
} satisfies Record<string, Handler>;
export type SimulatedFunction = keyof typeof functions;

export const isSimulated = (name: string): name is SimulatedFunction => name in functions;
