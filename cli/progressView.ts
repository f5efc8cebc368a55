/** How progress looks in a terminal: one line that redraws itself, or plain lines elsewhere. */
import type { Progress } from '../shared/schemas/stream.ts';

const BAR_WIDTH = 28;
/** Without a terminal, a line for every so many per cent. */
const PLAIN_STEP = 10;

/** Where to draw; process.stdout, or what a test looks at. */
export interface Screen {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

const count = (n: number) => n.toLocaleString('en-US');

/** Seconds as people say them: 8 s, 2 min 5 s, 1 h 3 min. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** Bytes as people say them: 12.3 MB. Decimal units, as file managers show them. */
export function size(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  for (; value >= 1000 && unit < units.length - 1; unit++) value /= 1000;
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

/** 42 % · 420 of 1,000 · 1 failed · 310/s · 2 s left */
export function progressText(progress: Progress): string {
  const parts = [
    `${String(progress.progress).padStart(3)} %`,
    `${count(progress.current)} of ${count(progress.total)}`,
  ];
  if (progress.failed > 0) parts.push(`${count(progress.failed)} failed`);
  if (progress.stage === 'rendering') {
    if (progress.ratePerSecond > 0) parts.push(`${count(Math.round(progress.ratePerSecond))}/s`);
    if (progress.etaSeconds !== null) parts.push(`${duration(progress.etaSeconds)} left`);
  } else {
    parts.push(progress.stage);
  }
  return parts.join(' · ');
}

/** Draws the progress of one task. */
export interface ProgressView {
  update(progress: Progress): void;
  /** A line of its own, above the bar. */
  note(text: string): void;
  /** Leaves the last state standing. */
  end(): void;
}

function terminalView(screen: Screen, colour: boolean): ProgressView {
  let line = '';
  const draw = () => screen.write(`\r\u001b[2K${line}`);
  return {
    update(progress) {
      const filled = Math.round((BAR_WIDTH * progress.progress) / 100);
      const bar = '█'.repeat(filled) + '░'.repeat(BAR_WIDTH - filled);
      const shown = colour ? `\u001b[32m${bar}\u001b[39m` : bar;
      const room = (screen.columns ?? 80) - BAR_WIDTH - 2;
      line = `${shown} ${progressText(progress).slice(0, Math.max(0, room))}`;
      draw();
    },
    note(text) {
      screen.write(`\r\u001b[2K${text}\n`);
      draw();
    },
    end() {
      if (line !== '') screen.write('\n');
      line = '';
    },
  };
}

function plainView(screen: Screen): ProgressView {
  let nextStep = 0;
  let last = '';
  return {
    update(progress) {
      const text = progressText(progress);
      if (progress.progress < nextStep || text === last) return;
      nextStep = progress.progress - (progress.progress % PLAIN_STEP) + PLAIN_STEP;
      last = text;
      screen.write(`${text}\n`);
    },
    note: (text) => void screen.write(`${text}\n`),
    end: () => undefined,
  };
}

/** The view that fits the screen; `NO_COLOR` (https://no-color.org) is respected. */
export const createProgressView = (
  screen: Screen,
  environment: { readonly NO_COLOR?: string | undefined },
): ProgressView =>
  screen.isTTY === true
    ? terminalView(screen, (environment.NO_COLOR ?? '') === '')
    : plainView(screen);
