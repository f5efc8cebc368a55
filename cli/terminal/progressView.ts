/** How progress looks in a terminal: one line that redraws itself, or plain lines elsewhere. */
import type { Progress } from '../../shared/schemas/stream.ts';
import { USUAL_COLUMNS, type Screen } from './screen.ts';
import { count, duration } from './words.ts';

/** The bar's width where there is room, and the least that still shows something. */
const BAR_WIDTH = 28;
const MIN_BAR_WIDTH = 8;
/** Without a terminal, a line for every so many per cent. */
const PLAIN_STEP = 10;

/** 42 % · 420 of 1,000 · 1 failed · 310/s · 2 s left */
function progressParts(progress: Progress): string[] {
  const parts = [
    `${String(progress.progress).padStart(3)} %`,
    `${count(progress.current)} of ${count(progress.total)}`,
  ];
  if (progress.failed > 0) parts.push(`${count(progress.failed)} failed`);
  if (progress.stage === 'rendering') {
    if (progress.ratePerSecond >= 1) parts.push(`${count(Math.round(progress.ratePerSecond))}/s`);
    // As long as something is left it takes a second.
    if (progress.etaSeconds !== null && progress.current < progress.total)
      parts.push(`${duration(Math.max(1, progress.etaSeconds))} left`);
  } else {
    parts.push(progress.stage);
  }
  return parts;
}

const SEPARATOR = ' · ';

/** A line of at most `width` characters: the bar gives way to the text, and text goes by whole parts. */
function progressLine(progress: Progress, width: number) {
  const parts = progressParts(progress);
  while (parts.length > 1 && parts.join(SEPARATOR).length > width) parts.pop();
  const text = parts.join(SEPARATOR);
  const room = Math.min(BAR_WIDTH, width - text.length - 1);
  if (room < MIN_BAR_WIDTH) return { bar: '', text: text.slice(0, Math.max(0, width)) };
  const filled = Math.round((room * progress.progress) / 100);
  return { bar: '█'.repeat(filled) + '░'.repeat(room - filled), text };
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
      // The last column stays free: some terminals begin a new line at it.
      const { bar, text } = progressLine(progress, (screen.columns ?? USUAL_COLUMNS) - 1);
      const shown = colour ? `\u001b[32m${bar}\u001b[39m` : bar;
      line = bar === '' ? text : `${shown} ${text}`;
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
      const text = progressParts(progress).join(SEPARATOR);
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
