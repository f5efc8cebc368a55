/**
 * Faults that are put into the code, to see that the simulator finds them: each is one that a change could
 * bring, and that no fault-free run would show.
 */
import type { Mutation } from './bundle.ts';

const mutations: readonly Mutation[] = [
  {
    name: 'lost-lease-publishes',
    seed: 7430,
    file: 'shared/shards/lease.ts',
    from: 'ports.table.update(keyOfShard(shard), change, mine(attempt))',
    to: "ports.table.update(keyOfShard(shard), change, { present: 'pk' })",
  },
  {
    name: 'lease-not-renewed',
    seed: 7040,
    file: 'shared/shards/lease.ts',
    from: '{ set: { reported, leaseUntil: ports.clock.now() + LEASE_MS } }',
    to: '{ set: { reported } }',
  },
  {
    name: 'stale-run-ends',
    seed: 7420,
    file: 'shared/tasks/finishTask.ts',
    from: `    if (task?.run !== run.run) return;`,
    to: `    if (!task) return;
    run = { ...run, run: task.run };`,
  },
  {
    name: 'sent-before-noted',
    seed: 7000,
    file: 'shared/webhooks/listener.ts',
    from: `  await ports.table.put(tableKeys.delivery(taskId, deliveryId), delivery, { absent: 'pk' });
  await startSending(ports, taskId, delivery);`,
    to: `  await startSending(ports, taskId, delivery);
  await ports.table.put(tableKeys.delivery(taskId, deliveryId), delivery, { absent: 'pk' });`,
  },
  {
    name: 'key-claimed-twice',
    seed: 7000,
    file: 'shared/idempotency/makeOnce.ts',
    from: 'if (await table.put(at, first, free))',
    to: 'if (free && (await table.put(at, first)))',
  },
  {
    name: 'slot-charged-twice',
    seed: 7600,
    file: 'shared/queue/slots.ts',
    from: 'return own?.claim === slot.claim ? charged - slot.base : 0;',
    to: 'return own ? charged - slot.base : 0;',
  },
  {
    name: 'slot-taken-blindly',
    seed: 7420,
    file: 'shared/queue/slots.ts',
    from: '{ all: [inVersion(quota), same] }',
    to: '{ all: [same] }',
  },
];

/** By name. */
export const MUTATIONS: Readonly<Record<string, Mutation>> = Object.fromEntries(
  mutations.map((mutation) => [mutation.name, mutation]),
);
