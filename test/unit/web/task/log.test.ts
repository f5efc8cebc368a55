import { describe, expect, it } from 'vitest';
import { OwedEventSchema, type OwedEvent } from '../../../../shared/schemas/events.ts';
import { task as english } from '../../../../web/texts/en/task.ts';
import { task as chinese } from '../../../../web/texts/zh/task.ts';

const taskId = 'task_01HZX5K3N6B8Q9R2T4V7W1Y0ZA';
const about = { key: '1', at: '2026-01-15T09:30:00.000Z' };
const whereabouts = { taskId, progress: 40, message: 'After 400 of 1,000 documents.' };

/** One of each kind, with what its sentence has to say. */
const EVENTS: readonly (readonly [event: OwedEvent, said: string])[] = [
  [
    { ...about, type: 'warnings_found', payload: { taskId, warnings: ['{x} has no column.'] } },
    '{x} has no column.',
  ],
  [{ ...about, type: 'start_requested', payload: { taskId } }, '启动'],
  [{ ...about, type: 'retry_requested', payload: { taskId } }, '继续'],
  [{ ...about, type: 'pause_requested', payload: { taskId } }, '暂停'],
  [{ ...about, type: 'cancel_requested', payload: { taskId } }, '取消'],
  [{ ...about, type: 'task_queued', payload: { taskId, position: 3 } }, '3'],
  [
    { ...about, type: 'task_scheduled', payload: { taskId, startAt: '2026-01-16T09:30:00.000Z' } },
    '2026',
  ],
  [
    {
      ...about,
      type: 'task_started',
      payload: { taskId, mode: 'parallel', totalDocuments: 1000, estimatedDuration: 1 },
    },
    '1,000 份文档',
  ],
  [
    {
      ...about,
      type: 'shard_failed',
      payload: { taskId, firstRow: 11, rowCount: 10, cause: 'it was too large' },
    },
    '11 至 20',
  ],
  [{ ...about, type: 'task_paused', payload: whereabouts }, '40%'],
  [{ ...about, type: 'task_resumed', payload: whereabouts }, '40%'],
  [{ ...about, type: 'documents_kept', payload: { taskId, count: 2, rows: [3, 4] } }, '3、4'],
  [{ ...about, type: 'task_cancelled', payload: whereabouts }, '40%'],
  [
    {
      ...about,
      type: 'task_completed',
      payload: {
        taskId,
        status: 'completed',
        result: { total: 9, successful: 7, failed: 2, skipped: 0, duration: 1, reused: 5 },
        downloadUrl: '/x',
      },
    },
    '7 份文档（其中 5 份',
  ],
];

describe('the log in Chinese', () => {
  it.each(EVENTS)('tells of $type in a sentence of its own', (event, said) => {
    const sentence = chinese.log.says(event, 'Of the API.');
    expect(sentence).toContain(said);
    expect(sentence).toMatch(/\p{Script=Han}/u);
    expect(sentence).not.toContain('Of the API.');
    expect(english.log.says(event, 'Of the API.')).toBe('Of the API.');
  });

  it('has one for each kind, but for failures of whole tasks, whose reasons are the API’s own', () => {
    const kinds = OwedEventSchema.options.map(({ shape }) => shape.type.value);
    expect(new Set(EVENTS.map(([{ type }]) => type))).toEqual(
      new Set(kinds.filter((kind) => kind !== 'task_failed')),
    );
  });
});
