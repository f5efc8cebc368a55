/** Rendering one shard: its rows in, segments out. The hot path of everything. */
import type { ShardOutcome, ShardRef } from '../schemas/workflow.ts';
import { workOnShard, type AttemptLimits, type AttemptPorts } from './attempt.ts';
import { prepareRendering } from './rendering.ts';

/** The step of the render stage (attempt.ts). */
export const renderShard = (
  ports: AttemptPorts,
  ref: ShardRef,
  limits: AttemptLimits,
): Promise<ShardOutcome> => workOnShard(ports, ref, prepareRendering, limits);
