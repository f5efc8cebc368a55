/** A rate over time as a line; what it says is said in words, too. */
import type { JSX } from 'preact';
import { useApp } from '../app/app.ts';
import { scaleOf } from './scale.ts';

/** Units of the picture, which is as wide as its place. */
const WIDTH = 600;
const HEIGHT = 90;

interface Point {
  /** In ms. */
  readonly at: number;
  readonly rate: number;
}

export function RateChart({ points }: { readonly points: readonly Point[] }): JSX.Element {
  const { texts, formats } = useApp();
  const [first] = points;
  const last = points.at(-1);
  const most = Math.max(...points.map(({ rate }) => rate));
  const top = scaleOf(most);
  const from = first?.at ?? 0;
  const span = Math.max(1, (last?.at ?? 0) - from);
  const line = points
    .map(({ at, rate }) => {
      const x = ((at - from) / span) * WIDTH;
      return `${x.toFixed(1)},${(HEIGHT - (rate / top) * HEIGHT).toFixed(1)}`;
    })
    .join(' ');
  const label = texts.task.rateChart(formats.rate(last?.rate ?? 0), formats.rate(most));
  return (
    <figure class="rate-chart">
      <figcaption>
        <span>{texts.task.rate}</span>
        <span>{formats.rate(top)}</span>
      </figcaption>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={label}
      >
        <line class="grid" x1="0" x2={WIDTH} y1="0" y2="0" />
        <line class="grid" x1="0" x2={WIDTH} y1={HEIGHT / 2} y2={HEIGHT / 2} />
        <line class="grid" x1="0" x2={WIDTH} y1={HEIGHT} y2={HEIGHT} />
        <polygon class="area" points={`0,${HEIGHT} ${line} ${WIDTH},${HEIGHT}`} />
        <polyline class="line" points={line} />
      </svg>
      <p class="scale">
        <span>0</span>
        <span>{formats.duration(span / 1000)}</span>
      </p>
    </figure>
  );
}
