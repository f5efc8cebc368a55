/** Calls shards in this process, as the state machine would: one that waits for callbacks is called again when it is told. */
import { awaitCallbacks } from '../../shared/callbacks/waits.ts';
import type { CallOutcome, ShardRef } from '../../shared/schemas/workflow.ts';
import type { AttemptLimits } from '../../shared/shards/attempt.ts';
import { callShard, type CallShardPorts } from '../../shared/shards/callShard.ts';
import type { MemoryPorts } from './memoryPorts.ts';

/** How often a shard that waits looks whether it was told, in ms. */
const LOOK_MS = 100;

/** What may be done at the borders of the states. */
export interface Waits {
  /** Before the token is kept. */
  readonly beforeToken?: (outcome: CallOutcome) => Promise<unknown>;
  /** Behind that. */
  readonly whileItWaits?: (outcome: CallOutcome) => Promise<unknown>;
}

/** @returns how often it waited, and why each wait ended */
export async function callUntilItEnds(
  ports: CallShardPorts & Pick<MemoryPorts, 'workflow'>,
  shard: ShardRef,
  limits: AttemptLimits,
  { beforeToken, whileItWaits }: Waits = {},
): Promise<{ outcome: CallOutcome; waits: ('told' | 'timeout')[] }> {
  const waits: ('told' | 'timeout')[] = [];
  for (;;) {
    const outcome = await callShard(ports, shard, limits);
    if (outcome.status !== 'waiting') return { outcome, waits };
    await beforeToken?.(outcome);
    const token = `token ${shard.firstRow} ${waits.length} ${ports.clock.now()}`;
    const until = ports.clock.now() + outcome.waitSeconds * 1_000;
    await awaitCallbacks(ports, { shard, token });
    await whileItWaits?.(outcome);
    const isTold = () => ports.workflow.answered.includes(token);
    while (!isTold() && ports.clock.now() < until) await ports.clock.sleep(LOOK_MS);
    waits.push(isTold() ? 'told' : 'timeout');
  }
}
