/** The progress of a task, as a line says it. */
import type { Progress } from '../../shared/schemas/stream.ts';
import type { LiveLine } from './liveView.ts';
import { count, duration } from './words.ts';

/** 42 % · 420 of 1,000 · 1 failed · 310/s · 2 s left */
export function progressLine(progress: Omit<Progress, 'taskId'>, label?: string): LiveLine {
  const { current, total, failed, calls } = progress;
  const parts = [
    `${String(progress.progress).padStart(3)} %`,
    `${count(current)} of ${count(total)}`,
  ];
  if (failed > 0) parts.push(`${count(failed)} failed`);
  if (progress.stage === 'rendering') {
    if (progress.ratePerSecond >= 1) parts.push(`${count(Math.round(progress.ratePerSecond))}/s`);
    // As long as something is left it takes a second.
    if (progress.etaSeconds !== null && current < total) {
      parts.push(`${duration(Math.max(1, progress.etaSeconds))} left`);
    }
  } else {
    parts.push(progress.stage);
  }
  if (calls && calls.called < calls.total) {
    parts.push(
      `${count(calls.called)} of ${count(calls.total)} rows called`,
      `${calls.ratePerSecond.toFixed(1)} calls/s`,
    );
    if (calls.spentUsd > 0) parts.push(`$${calls.spentUsd.toFixed(2)}`);
  }
  return {
    ...(label !== undefined && { label }),
    done: { share: progress.progress / 100, failed: total === 0 ? 0 : failed / total },
    parts,
  };
}
