/** How far a task is: made, failed, skipped, left. */
import type { JSX } from 'preact';
import { useCommon } from '../app/app.ts';
import { widthsOf } from './barWidths.ts';

export interface BarCounts {
  readonly succeeded: number;
  readonly failed: number;
  readonly skipped: number;
  readonly total: number;
}

/** Out of the picture, in its units. */
const BEYOND = 10;

/** Per cent of documents that were tried; 100 for all only. */
export function percentOf({ succeeded, failed, skipped, total }: BarCounts): number {
  const tried = succeeded + failed + skipped;
  return total === 0 ? 0 : Math.min(100, Math.floor((tried / total) * 100));
}

export function Bar({
  counts,
  isLarge = false,
  isMoving = false,
}: {
  readonly counts: BarCounts;
  readonly isLarge?: boolean;
  readonly isMoving?: boolean;
}): JSX.Element {
  const { texts } = useCommon();
  const { succeeded, failed, skipped, total } = counts;
  const percent = percentOf(counts);
  const widths = widthsOf([succeeded, failed, skipped], total);
  let x = 0;
  const tones = ['made', 'failed', 'skipped'];
  return (
    <svg
      class={`bar${isLarge ? ' large' : ''}${isMoving ? ' moving' : ''}`}
      viewBox="0 0 100 10"
      preserveAspectRatio="none"
      role="progressbar"
      aria-valuenow={percent}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-label={texts.counts.progressOf(percent)}
    >
      <rect class="left" width="100" height="10" />
      {widths.map((width, i) => {
        // The line around a part is to be seen where it meets another: its other sides are out of the picture.
        const from = x === 0 ? -BEYOND : x;
        x += width;
        const to = x >= 100 ? 100 + BEYOND : x;
        return (
          <rect
            key={tones[i]}
            class={tones[i]}
            x={from}
            y={-BEYOND}
            width={width === 0 ? 0 : to - from}
            height={10 + 2 * BEYOND}
          />
        );
      })}
    </svg>
  );
}
