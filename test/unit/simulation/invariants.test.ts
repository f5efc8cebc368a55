/** The invariants of the simulations: each of them finds what it is for, and nothing where all is well. */
import { describe, expect, it } from 'vitest';
import type { TaskEvent } from '../../../shared/schemas/stream.ts';
import { counterViolations, finalCountViolations } from '../../simulation/invariants/counts.ts';
import {
  outcomeViolations,
  type ExpectedDocument,
  type FoundOutcomes,
} from '../../simulation/invariants/outcomes.ts';
import {
  deletionViolations,
  leakViolations,
  restViolations,
} from '../../simulation/invariants/remains.ts';
import { endsHeard, heardOf, streamViolations } from '../../simulation/invariants/stream.ts';
import { webhookViolations } from '../../simulation/invariants/webhooks.ts';

const TASK = 'task_01JDA4V5P0W8QZ6Y3M2T7R9KXC';

const expected: readonly ExpectedDocument[] = [
  { row: 1, template: 'letter', contents: ['one'], mayFail: false },
  { row: 2, template: 'letter', contents: [], mayFail: true },
  { row: 3, template: 'letter', contents: ['three', 'corrected'], mayFail: false },
];
const made = (row: number) =>
  ({ row, template: 'letter', status: 'succeeded', document: `${row}.docx` }) as const;
const failed = { row: 2, template: 'letter', status: 'failed' } as const;
const failure = { row: 2, template: 'letter', code: 'MISSING_VALUE' };
const good: FoundOutcomes = {
  status: 'partially_completed',
  documents: [
    { name: '1.docx', content: 'one' },
    { name: '3.docx', content: 'corrected' },
  ],
  manifest: [made(1), failed, made(3)],
  failures: [failure],
};

describe('outcomes', () => {
  it('are without violation when each row is made or failed once', () => {
    expect(outcomeViolations(expected, good)).toEqual([]);
  });

  it.each<[string, Partial<FoundOutcomes>, RegExp]>([
    ['a lost row', { manifest: [made(1), failed], documents: good.documents.slice(0, 1) }, /lost/],
    ['a document that is not there', { documents: good.documents.slice(1) }, /not in the archive/],
    [
      'a document that nobody made',
      { documents: [...good.documents, { name: '4.docx', content: 'x' }] },
      /not in the manifest/,
    ],
    ['a doubled document', { documents: [...good.documents, ...good.documents] }, /2 times/],
    ['a doubled line', { manifest: [made(1), failed, failed, made(3)] }, /manifest 2 times/],
    ['a doubled failure', { failures: [failure, failure] }, /report 2 times/],
    [
      'another content',
      { documents: [{ name: '1.docx', content: 'two' }, ...good.documents.slice(1)] },
      /something else/,
    ],
    ['both outcomes', { failures: [{ ...failure, row: 1 }, failure] }, /was made, and failed/],
    ['an unreported failure', { failures: [] }, /not in the failure report/],
    ['a skipped row', { manifest: [made(1), { ...failed, status: 'skipped' }, made(3)] }, /skip/],
    ['a row of another task', { manifest: [...good.manifest, made(9)] }, /never asked for/],
    ['another order', { manifest: [made(3), made(1), failed] }, /out of order/],
    ['a state that does not fit', { status: 'completed' }, /is completed, and has 1/],
  ])('tell of %s', (_, change, sentence) => {
    expect(outcomeViolations(expected, { ...good, ...change }).join('\n')).toMatch(sentence);
  });

  it('tell of a document that must fail, and of a failure that must not be', () => {
    const swapped: FoundOutcomes = {
      status: 'partially_completed',
      documents: [
        { name: '2.docx', content: '' },
        { name: '3.docx', content: 'three' },
      ],
      manifest: [{ ...failed, row: 1 }, made(2), made(3)],
      failures: [{ ...failure, row: 1 }],
    };
    const violations = outcomeViolations(expected, swapped).join('\n');
    expect(violations).toMatch(/row 1 of letter failed, and must be made/);
    expect(violations).toMatch(/row 2 of letter was made, and must fail/);
  });

  it('of a cancelled task may lack what was not tried', () => {
    const cut = { ...good, status: 'cancelled' as const, manifest: [made(1)], failures: [] };
    const found = { ...cut, documents: good.documents.slice(0, 1) };
    expect(outcomeViolations(expected, found)).toEqual([]);
  });
});

describe('counters', () => {
  const counts = { total: 3, succeeded: 2, failed: 1, skipped: 0, pending: 0 };

  it('add up, and are those of the manifest', () => {
    expect(finalCountViolations(counts, 3, good.manifest)).toEqual([]);
  });

  it.each([
    [{ total: 4 }, /total is 4/],
    [{ failed: 2 }, /4 documents were tried of 3/],
    [{ pending: 1 }, /are not 3/],
    [{ succeeded: 3, failed: 0 }, /3 succeeded are counted, and 2/],
    [{ succeeded: -1, pending: 3 }, /below 0/],
  ])('that are wrong are told of: %o', (change, sentence) => {
    const violations = finalCountViolations({ ...counts, ...change }, 3, good.manifest);
    expect(violations.join('\n')).toMatch(sentence);
  });

  it('may have no pending', () => {
    expect(counterViolations({ total: 3, succeeded: 1, failed: 0, skipped: 0 }, 3)).toEqual([]);
  });
});

describe('a stream', () => {
  const payload = { taskId: TASK, progress: 0, message: '' };
  const event = (type: 'task_paused' | 'task_resumed', seq: number): TaskEvent => ({
    type,
    seq,
    at: '2026-01-01T00:00:00Z',
    payload,
  });
  const end = (seq: number, second = 1): TaskEvent => ({
    type: 'task_cancelled',
    seq,
    at: `2026-01-01T00:00:0${second}Z`,
    payload,
  });
  const snapshot = (seq: number, status: 'running' | 'cancelled') =>
    ({ type: 'snapshot', tasks: [{ taskId: TASK, seq, status }] }) as const;

  it('rises, ends, and may begin anew', () => {
    const heard = [
      snapshot(1, 'running'),
      event('task_paused', 2),
      end(4),
      event('task_resumed', 5),
      end(7, 2),
      snapshot(7, 'cancelled'),
    ];
    expect(streamViolations(heard)).toEqual([]);
    expect(endsHeard(heard, TASK)).toBe(2);
    expect(streamViolations([snapshot(4, 'cancelled'), end(4)])).toEqual([]);
  });

  it('that falls, ends twice or goes on is told of', () => {
    expect(streamViolations([snapshot(2, 'running'), end(2)])).toHaveLength(1);
    expect(streamViolations([snapshot(2, 'running'), snapshot(1, 'running')])).toHaveLength(1);
    expect(streamViolations([end(4), end(5)])).toEqual([expect.stringContaining('came twice')]);
    expect(streamViolations([end(4), event('task_paused', 5)])).toEqual([
      expect.stringContaining('behind its end'),
    ]);
  });

  it('is made of what a connection was sent', () => {
    const at = '2026-01-01T00:00:00Z';
    const pong = { type: 'pong' as const, at, payload: {} };
    expect(heardOf([pong, end(1)])).toEqual([end(1)]);
  });
});

describe('webhooks', () => {
  const delivery = { deliveryId: 'wh_1', type: 'task_completed', status: 'delivered' as const };
  const request = { id: 'wh_1', type: 'task_completed', taken: true, body: '{}' };
  const check = (deliveries = [delivery], received = [request], ends = 1) =>
    webhookViolations(deliveries, received, ends, (type) => type === 'task_completed');

  it('come at least once, under one id', () => {
    expect(check()).toEqual([]);
    expect(check([delivery], [{ ...request, taken: false }, request, request])).toEqual([]);
  });

  it('that are missing, strange or changed are told of', () => {
    expect(check([], [])).toHaveLength(1);
    expect(check([delivery], [])).toEqual([expect.stringContaining('never took it')]);
    expect(check([delivery], [request, { ...request, id: 'wh_2' }])).toHaveLength(1);
    expect(check([delivery], [request, { ...request, body: '[]' }])).toHaveLength(1);
    expect(check([delivery, delivery])).toEqual(['Two deliveries have one id.']);
    const pending = { ...delivery, status: 'pending' as const };
    expect(webhookViolations([pending], [], 1, (type) => type === 'task_completed')).toHaveLength(
      1,
    );
  });
});

describe('what remains', () => {
  it('is nothing: no slot, no place, no reservation', () => {
    const rest = { tasksRunning: 0, tasksQueued: 0, documents: { reserved: 0 } };
    expect(restViolations(rest)).toEqual([]);
    const held = { tasksRunning: 1, tasksQueued: 2, documents: { reserved: 3 } };
    expect(restViolations(held)).toHaveLength(3);
  });

  it('of a task that was deleted is told of', () => {
    expect(deletionViolations(TASK, ['TPL#tpl_1 META'])).toEqual([]);
    expect(deletionViolations(TASK, [`TASK#${TASK} META`])).toHaveLength(1);
  });

  it('of a value is told of by the place alone', () => {
    const places = [
      { name: 'a log', text: 'all is well' },
      { name: 'an item', text: 'Dear zebra' },
    ];
    expect(leakViolations('zebra', places)).toEqual(['an item holds the value of a row.']);
  });
});
