import { describe, expect, it } from 'vitest';
import type { SheafClient } from '../../../client/client.ts';
import { ApiError } from '../../../client/errors.ts';
import { createStopping } from '../../../cli/generate/stopping.ts';

type Client = Pick<SheafClient, 'pauseTask' | 'cancelTask'>;

/** A stopping, with how to press Ctrl+C, and what was asked for. */
function pressed(answer: () => Promise<never> = () => Promise.reject(new ApiError(409, 'over'))) {
  const asked: string[] = [];
  const notes: string[] = [];
  const client: Client = {
    pauseTask: ({ taskId }) => (asked.push(`pause ${taskId}`), answer()),
    cancelTask: ({ taskId }) => (asked.push(`cancel ${taskId}`), answer()),
  };
  let press: (nth: number) => void = () => undefined;
  const interrupts = {
    signal: new AbortController().signal,
    handle: (handler: (nth: number) => void) => void (press = handler),
  };
  const stopping = createStopping(client, interrupts, (text) => notes.push(text));
  return { asked, notes, stopping, press: (nth: number) => press(nth) };
}

describe('Ctrl+C', () => {
  it('pauses what is under way, twice cancels it, and leaves what has ended alone', () => {
    const { asked, notes, stopping, press } = pressed();
    const end = stopping.watch('task_1');
    stopping.watch('task_2');
    expect(stopping.isAsked()).toBe(false);
    end();
    press(1);
    expect(asked).toEqual(['pause task_2']);
    expect(stopping.signal.aborted).toBe(true);
    press(2);
    expect(asked).toEqual(['pause task_2', 'cancel task_2']);
    expect(notes).toEqual([
      'Pausing. Ctrl+C again cancels.',
      'Cancelling. Ctrl+C again leaves at once.',
    ]);
  });

  it('reaches a task that was being created then', () => {
    const { asked, notes, stopping, press } = pressed();
    press(1);
    expect(notes).toEqual([]);
    stopping.watch('task_1');
    expect(asked).toEqual(['pause task_1']);
    press(2);
    stopping.watch('task_2');
    expect(asked).toEqual(['pause task_1', 'cancel task_1', 'cancel task_2']);
  });

  it('says when it could not be done', async () => {
    const { notes, stopping, press } = pressed(() => Promise.reject(new Error('down')));
    stopping.watch('task_1');
    press(1);
    await expect.poll(() => notes).toContain('The task task_1 could not be stopped: it goes on.');
  });
});
