/** The invariants of the simulations: each of them finds what it is for, and nothing where all is well. */
import { describe, expect, it } from 'vitest';
import type { Item } from '../../../shared/ports.ts';
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
import { resultViolations, type FoundResult } from '../../simulation/invariants/results.ts';
import { serviceViolations, type CalledRow } from '../../simulation/invariants/services.ts';
import { createStepWatch } from '../../simulation/invariants/steps.ts';
import {
  endsHeard,
  gapViolations,
  heardOf,
  streamViolations,
  toldCountViolations,
} from '../../simulation/invariants/stream.ts';
import { useViolations } from '../../simulation/invariants/uses.ts';
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

describe('rows that were not chosen', () => {
  const skipped = { row: 2, template: 'letter', status: 'skipped' } as const;
  const left: ExpectedDocument[] = expected.map((document) =>
    document.row === 2 ? { ...document, mayFail: false, isSkipped: true } : document,
  );
  const found: FoundOutcomes = { ...good, status: 'completed', failures: [] };

  it('are in the manifest, and skipped', () => {
    const manifest = [made(1), skipped, made(3)];
    expect(outcomeViolations(left, { ...found, manifest })).toEqual([]);
  });

  it('are told of when a document of them was made, or is missing in the manifest', () => {
    const documents = [...good.documents, { name: '2.docx', content: 'two' }];
    const wrongly = { ...found, documents, manifest: [made(1), made(2), made(3)] };
    expect(outcomeViolations(left, wrongly).join()).toMatch(/row 2 .* and was not chosen/);
    const lost = { ...found, manifest: [made(1), made(3)] };
    expect(outcomeViolations(left, lost).join()).toMatch(/row 2 of letter is lost/);
  });
});

describe('what is written', () => {
  const META = { pk: `TASK#${TASK}`, sk: 'META', taskId: TASK, seq: 0, run: 0 };
  const counts = { totalDocuments: 1, succeeded: 0, failed: 0, skipped: 0 };
  const shard = { pk: META.pk, sk: 'SHARD#000000001', taskId: TASK, firstRow: 1, rowCount: 4 };
  const published = (sk: string, firstRow: number, rows: number) => ({
    ...{ ...shard, sk, firstRow, attempt: 1 },
    reached: { rows, parts: 0, bytes: 0, begunBytes: 0 },
  });
  const written = (...items: Item[]) => {
    const watch = createStepWatch();
    for (const item of items) watch.written(undefined, item);
    return [...watch.violations];
  };
  const check = (status: string, errors: number) => ({
    ...{ pk: META.pk, sk: 'CHECK' },
    ...{ status, summary: { errors } },
  });
  const strict = { ...META, ...counts, status: 'running', options: { check: 'strict' } };

  it('has no row in two shards; one that published nothing has none', () => {
    const [four, none] = [published('SHARD#000000001', 1, 4), published('SHARD#000000003', 3, 0)];
    expect(written(four, none)).toEqual([]);
    expect(written(four, published('SHARD#000000003', 3, 2)).join()).toMatch(/published twice/);
  });

  it('is no shard of a strict task before its check found no errors', () => {
    expect(written(strict, check('done', 0), shard)).toEqual([]);
    expect(written(strict, shard)).toEqual([expect.stringContaining('its check is unknown')]);
    expect(written(strict, check('done', 1), shard)).toHaveLength(1);
    const retried = { ...strict, retries: [{ run: 2 }] };
    expect(written(strict, check('done', 1), retried, shard)).toEqual([]);
  });

  it('is no run of a task that nobody has approved', () => {
    const begun = { ...META, ...counts, status: 'running', run: 1, options: { approval: true } };
    expect(written(begun)).toEqual([expect.stringContaining('nobody had looked at samples')]);
    const watch = createStepWatch();
    watch.approved(TASK);
    watch.written(undefined, begun);
    expect([...watch.violations]).toEqual([]);
  });
});

describe('what tasks are made from', () => {
  const task = { taskId: TASK, templates: [{ templateId: 'tpl_1' }], dataSourceId: 'ds_1' };

  it('stays as long as they are there', () => {
    expect(useViolations('templates/tpl_1/template', [task])).toHaveLength(1);
    expect(useViolations('sources/ds_1/rows.jsonl', [task])).toHaveLength(1);
    expect(useViolations('templates/tpl_2/template', [task])).toEqual([]);
    expect(useViolations('templates/tpl_1/upload', [task])).toEqual([]);
    expect(useViolations('sources/ds_1/rows.jsonl', [])).toEqual([]);
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

  it('may have events of the first subscription behind the snapshot of a second one', () => {
    const [first, again] = [snapshot(1, 'running'), snapshot(3, 'running')];
    expect(streamViolations([first, again, event('task_paused', 3)])).toEqual([]);
    const twice = [first, event('task_paused', 3), again, event('task_paused', 3)];
    expect(streamViolations(twice)).toHaveLength(1);
    expect(streamViolations([again, event('task_paused', 3)])).toHaveLength(1);
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

describe('who goes on from the last event', () => {
  const snapshot = {
    type: 'snapshot',
    tasks: [{ taskId: TASK, seq: 2, status: 'running' }],
  } as const;
  const paused: TaskEvent = {
    type: 'task_paused',
    seq: 4,
    at: '2026-01-01T00:00:00Z',
    payload: { taskId: TASK, progress: 0, message: '' },
  };
  const lasting = [1, 3, 4, 5].map((seq) => ({ seq, type: 'task_paused' }));
  const missed = (heard: Parameters<typeof gapViolations>[0], isWhole: boolean) =>
    gapViolations(heard, TASK, lasting, isWhole).map((text) => /number (\d)/.exec(text)?.[1]);

  it('misses nothing between the snapshot and what was heard last, and nothing at all in the end', () => {
    expect(missed([snapshot, paused], false)).toEqual(['3']);
    expect(missed([snapshot, paused], true)).toEqual(['3', '5']);
    expect(missed([], true)).toEqual([]);
  });

  it('is shown no more documents than there are', () => {
    const told = { ...snapshot.tasks[0], total: 2, succeeded: 3, failed: 0, skipped: 0 };
    expect(toldCountViolations([{ type: 'snapshot', tasks: [told] }])).toHaveLength(1);
    expect(toldCountViolations([snapshot, paused])).toEqual([]);
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

describe('the table of results', () => {
  const row = (number: number, status: string, codes: readonly string[] = []): FoundResult => ({
    row: number,
    status,
    documents: new Map([['letter', status === 'succeeded' ? `${number}.docx` : undefined]]),
    codes: new Set(codes),
  });
  const table = [row(1, 'succeeded'), row(2, 'failed', ['MISSING_VALUE']), row(3, 'succeeded')];
  const check = (found: readonly FoundResult[]) => resultViolations(found, good, 3, ['letter']);

  it('tells the same as the reports of the archive', () => {
    expect(check(table)).toEqual([]);
    // Of a task that stopped, the manifest does not have what nobody tried.
    const stopped = { manifest: [made(1)], failures: [] };
    const found = [row(1, 'succeeded'), row(2, 'pending')];
    expect(resultViolations(found, stopped, 2, ['letter'])).toEqual([]);
  });

  it.each<[string, readonly FoundResult[], RegExp]>([
    ['a lost row', table.slice(1), /2 rows of 3/],
    ['rows out of order', table.toReversed(), /not in their order/],
    ['another status', [row(1, 'pending'), ...table.slice(1)], /pending by the results/],
    [
      'another document',
      [
        ...table.slice(0, 2),
        { ...row(3, 'succeeded'), documents: new Map([['letter', 'x.docx']]) },
      ],
      /another document/,
    ],
    [
      'another reason',
      [row(1, 'succeeded'), row(2, 'failed', ['TIMEOUT']), row(3, 'succeeded')],
      /other reasons/,
    ],
  ])('with %s is told of', (_, found, sentence) => {
    expect(check(found)).toContainEqual(expect.stringMatching(sentence));
  });
});

describe('a row that is sent to a service', () => {
  const APART_MS = 20_000;
  const answer = (said: string, sentAt: number, takenAt?: number) => ({ said, sentAt, takenAt });
  const asked = { askedAt: 1_000, answers: [answer('first', 5_000, 5_100)] };
  const waits: CalledRow = {
    row: 1,
    asked: [asked],
    callbackMs: 300_000,
    timedOut: false,
    isMade: true,
    told: 'first',
  };
  const check = (changes: Partial<CalledRow>) =>
    serviceViolations({ ...waits, ...changes }, APART_MS);

  it('has the first answer to what it was asked last', () => {
    expect(check({})).toEqual([]);
    // Which of two that crossed was the first, nobody outside knows; of a row that failed, nothing is told.
    const crossed = [answer('first', 5_000, 5_100), answer('second', 5_050, 5_060)];
    for (const told of ['first', 'second']) {
      expect(check({ asked: [{ ...asked, answers: crossed }], told })).toEqual([]);
    }
    const never = { askedAt: 1_000, answers: [] };
    expect(check({ asked: [never], isMade: false, timedOut: true, told: null })).toEqual([]);
    const late = { askedAt: 400_000, answers: [answer('again', 401_000, 401_100)] };
    expect(check({ asked: [never, late], told: 'again' })).toEqual([]);
  });

  it.each<[string, Partial<CalledRow>, RegExp]>([
    ['made unasked', { asked: [], told: undefined }, /made, and its service was never asked/],
    ['made without an answer', { told: null }, /know of no answer/],
    [
      'given a later answer',
      {
        asked: [{ ...asked, answers: [...asked.answers, answer('second', 9_000, 9_100)] }],
        told: 'second',
      },
      /not the first/,
    ],
    ['sent twice at once', { callbackMs: undefined, asked: [asked, asked] }, /under 2 keys/],
    [
      'sent again too early',
      {
        asked: [
          { ...asked, answers: [] },
          { ...asked, askedAt: 200_000 },
        ],
      },
      /before its time was over/,
    ],
    [
      'sent again though answered',
      { asked: [asked, { ...asked, askedAt: 400_000 }] },
      /had been answered/,
    ],
    [
      'failed though answered in time',
      { timedOut: true, isMade: false, told: null },
      /called back in time/,
    ],
  ])('%s is told of', (_, changes, sentence) => {
    expect(check(changes)).toContainEqual(expect.stringMatching(sentence));
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
