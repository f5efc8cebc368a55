/**
 * Faults that are put into the code, to see that the simulator finds them: each is one that a change could
 * bring, and that no fault-free run would show.
 */
import type { Mutation } from './bundle.ts';

const mutations: readonly Mutation[] = [
  {
    name: 'lost-lease-publishes',
    seed: 200,
    file: 'shared/shards/lease.ts',
    from: 'ports.table.update(keyOfShard(shard), change, mine(attempt))',
    to: "ports.table.update(keyOfShard(shard), change, { present: 'pk' })",
  },
  {
    name: 'lease-not-renewed',
    seed: 540,
    file: 'shared/shards/lease.ts',
    from: '{ set: { reported, leaseUntil: ports.clock.now() + LEASE_MS } }',
    to: '{ set: { reported } }',
  },
  {
    name: 'stale-run-ends',
    seed: 5250,
    file: 'shared/tasks/finishTask.ts',
    from: `    if (task?.run !== run.run) return;`,
    to: `    if (!task) return;
    run = { ...run, run: task.run };`,
  },
  {
    name: 'sent-before-noted',
    seed: 1,
    file: 'shared/webhooks/listener.ts',
    from: `  await ports.table.put(tableKeys.delivery(taskId, deliveryId), delivery, { absent: 'pk' });
  await startSending(ports, taskId, delivery);`,
    to: `  await startSending(ports, taskId, delivery);
  await ports.table.put(tableKeys.delivery(taskId, deliveryId), delivery, { absent: 'pk' });`,
  },
  {
    name: 'key-claimed-twice',
    seed: 1,
    file: 'shared/idempotency/makeOnce.ts',
    from: 'if (await table.put(at, first, free))',
    to: 'if (free && (await table.put(at, first)))',
  },
  {
    name: 'slot-charged-twice',
    seed: 112,
    file: 'shared/queue/slots.ts',
    from: 'return isOwn(slot, task) ? charged - slot.base : 0;',
    to: 'return task?.slot === undefined ? 0 : charged - slot.base;',
  },
  {
    name: 'slot-taken-blindly',
    seed: 803,
    file: 'shared/queue/slots.ts',
    from: '{ all: [inVersion(quota), same] }',
    to: '{ all: [same] }',
  },
  {
    name: 'deleted-task-breaks-step',
    seed: 5060,
    file: 'shared/tasks/assembleTask.ts',
    from: 'if (!before) return answer(false);',
    to: "if (!before) throw new Error('There is no such task.');",
  },
  {
    name: 'event-passed-over',
    seed: 236,
    file: 'shared/eventStream/taskReader.ts',
    from: 'Math.min(task.seq, ...missing.map((first) => first - 1))',
    to: 'task.seq',
  },
  {
    name: 'sent-to-who-is-gone',
    seed: 173,
    file: 'shared/webhooks/sendWebhook.ts',
    from: 'if (!endpoint || abandoned !== undefined) {',
    to: 'if (!endpoint) {',
  },
  {
    name: 'used-upload-deleted',
    seed: 1,
    file: 'shared/deletion/deleteUpload.ts',
    from: "if (await isUsed(ports, id)) return 'later';",
    to: '',
  },
  {
    name: 'strict-check-passed-by-repeating',
    seed: 5080,
    file: 'shared/trials/runTrial.ts',
    from: "if (task?.options.check === 'strict') requireFit(",
    to: "if (trial?.status === 'checking' && task?.options.check === 'strict') requireFit(",
  },
  {
    name: 'taken-over-though-changed',
    seed: 108,
    file: 'shared/reuse/fingerprint.ts',
    from: 'for (const key of keys) text +=',
    to: 'for (const key of keys.slice(0, 1)) text +=',
  },
  {
    name: 'begun-without-approval',
    seed: 25,
    file: 'shared/tasks/approval.ts',
    from: 'if (!task.options.approval) return;',
    to: 'return;',
  },
  {
    name: 'more-shown-than-there-is',
    seed: 406,
    file: 'shared/tasks/progress.ts',
    from: 'const shown = Math.min(count, room);',
    to: 'const shown = count;',
  },
  {
    name: 'live-counters-are-final',
    seed: 1,
    file: 'shared/tasks/finishTask.ts',
    from: 'const counts = sumOf(shards, partsOf(seen).length);',
    to: 'const { succeeded, failed: lost, skipped } = seen;\n  const counts = { succeeded, failed: lost, skipped };',
  },
  {
    name: 'deletion-not-noted',
    seed: 189,
    file: 'shared/tasks/deleteTask.ts',
    from: '    await taskNotes.note(ports, { id: taskId, dueAt, notedAt: ports.clock.now() });\n',
    to: '',
  },
  {
    name: 'values-are-told',
    seed: 1,
    file: 'shared/shards/attempt.ts',
    from: 'attempt.untold.push({ row, template: label, failure });',
    to: `const detail = JSON.stringify(arguments[1].values);
    attempt.untold.push({ row, template: label, failure: { ...failure, detail } });`,
  },
  {
    name: 'later-callback-counts',
    seed: 540,
    file: 'shared/callbacks/callbackBodies.ts',
    from: 'Buffer.concat([head, bytes]), { ifAbsent: true });',
    to: 'Buffer.concat([head, bytes]));',
  },
  {
    name: 'other-key-for-each-run',
    seed: 1,
    file: 'shared/shards/callShard.ts',
    from: '(at.sent ? at.sent.after : failedIn.get(key)) ?? 0',
    to: '(at.sent ? at.sent.after : failedIn.get(key)) ?? run - 1',
  },
  {
    name: 'callback-in-time-passed-over',
    seed: 110,
    file: 'shared/callbacks/waitingRows.ts',
    from: 'row.goOn(came);',
    to: 'row.goOn(isOver ? undefined : came);',
  },
  {
    name: 'older-results-are-given',
    seed: 1,
    file: 'shared/keys.ts',
    from: '`tasks/${taskId}/results/${revision}.${format}`',
    to: '`tasks/${taskId}/results/${revision > 0 ? 0 : 1}.${format}`',
  },
];

/** By name. */
export const MUTATIONS: Readonly<Record<string, Mutation>> = Object.fromEntries(
  mutations.map((mutation) => [mutation.name, mutation]),
);
