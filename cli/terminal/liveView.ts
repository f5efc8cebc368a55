/** What is under way: in a terminal a line each, drawn anew in place; elsewhere plain lines now and then. */
import { createLogUpdate } from 'log-update';
import stringWidth from 'fast-string-width';
import { plain, USUAL_COLUMNS, type Screen } from './screen.ts';
import { wrapped } from './wrapped.ts';

/** A piece of work, as it is now. */
export interface LiveLine {
  /** Told before the rest, where there is more than one. */
  readonly label?: string;
  /** How much is done, from 0 to 1, and how much of that failed; absent where nobody knows. */
  readonly done?: { readonly share: number; readonly failed: number };
  /** The most telling first: where there is no room, the last ones go. */
  readonly parts: readonly string[];
}

export interface LiveView {
  /** Shows a piece of work, or what became of it. */
  show(key: string, line: LiveLine): void;
  /** Takes it away. */
  hide(key: string): void;
  /** A line that stays, above what is under way. */
  note(text: string): void;
  /** Leaves what is shown standing. */
  end(): void;
}

/** The bar's width where there is room, and the least that still shows something. */
const BAR_WIDTH = 28;
const MIN_BAR_WIDTH = 8;
/** A label has so much of a line at most. */
const LABEL_SHARE = 1 / 4;
const LABEL_WIDTH = 24;
const SEPARATOR = ' · ';
/** Pictures a second that an eye tells apart from a film, in ms each. */
const FRAME_MS = 80;
/** Without a terminal, a line for every so many per cent, or after so many ms. */
const PLAIN_STEP = 0.1;
const PLAIN_MS = 15_000;

const GREEN = '\u001b[32m';
const RED = '\u001b[31m';
const DIM = '\u001b[2m';
const PLAIN = '\u001b[0m';

/** The view that fits the screen. */
export const createLiveView = (screen: Screen, colour: boolean): LiveView =>
  screen.isTTY === true ? terminalView(screen, colour) : plainView(screen);

/** A line of at most `width` columns: label, bar, and as many parts as there is room for. */
function drawn({ label, done, parts }: LiveLine, width: number, colour: boolean): string {
  const name =
    label === undefined
      ? ''
      : `${fit(plain(label), Math.min(LABEL_WIDTH, Math.floor(width * LABEL_SHARE)))} `;
  const told = parts.map(plain);
  const room = width - stringWidth(name);
  while (told.length > 1 && stringWidth(told.join(SEPARATOR)) > room) told.pop();
  const text = told.join(SEPARATOR);
  const left = Math.min(BAR_WIDTH, room - stringWidth(text) - 1);
  if (!done || left < MIN_BAR_WIDTH) return `${name}${cut(text, room)}`;
  const filled = Math.round(left * Math.min(1, done.share));
  // One that failed is seen.
  const red = done.failed > 0 ? Math.max(1, Math.round(left * done.failed)) : 0;
  const made = Math.max(0, filled - red);
  const paint = (code: string, part: string) => (colour && part ? `${code}${part}${PLAIN}` : part);
  const bar = [
    paint(GREEN, '█'.repeat(made)),
    paint(RED, '▓'.repeat(Math.min(red, left - made))),
    paint(DIM, '░'.repeat(Math.max(0, left - made - red))),
  ];
  return `${name}${bar.join('')} ${text}`;
}

/** The first columns of a text. */
function cut(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  let kept = '';
  for (const character of text) {
    if (stringWidth(kept + character) > width - 1) break;
    kept += character;
  }
  return width < 1 ? '' : `${kept}…`;
}

const fit = (text: string, width: number) => {
  const short = cut(text, width);
  return short + ' '.repeat(Math.max(0, width - stringWidth(short)));
};

function terminalView(screen: Screen, colour: boolean): LiveView {
  // It writes, and asks how large the screen is.
  const update = createLogUpdate(screen as unknown as NodeJS.WritableStream, { showCursor: true });
  const lines = new Map<string, LiveLine>();
  let timer: NodeJS.Timeout | undefined;
  let drawnAt = -Infinity;

  const draw = () => {
    clearTimeout(timer);
    timer = undefined;
    drawnAt = performance.now();
    // The last column stays free: some terminals begin a new line at it.
    const width = (screen.columns ?? USUAL_COLUMNS) - 1;
    // Above one line of what was there before.
    const room = Math.max(1, (screen.rows ?? Infinity) - 2);
    const shown = [...lines.values()].slice(-room);
    if (shown.length === 0) update.clear();
    else update(shown.map((line) => drawn(line, width, colour)).join('\n'));
  };
  const drawSoon = () => {
    const wait = FRAME_MS - (performance.now() - drawnAt);
    if (wait <= 0) draw();
    else timer ??= setTimeout(draw, wait);
  };
  return {
    show(key, line) {
      lines.set(key, line);
      drawSoon();
    },
    hide(key) {
      lines.delete(key);
      drawSoon();
    },
    note(text) {
      update.persist(wrapped(text, screen));
      if (lines.size > 0) draw();
    },
    end() {
      draw();
      update.done();
      lines.clear();
    },
  };
}

function plainView(screen: Screen): LiveView {
  const told = new Map<string, { text: string; share: number; at: number }>();
  return {
    show(key, { label, done, parts }) {
      const text = (label === undefined ? parts : [label, ...parts]).map(plain).join(SEPARATOR);
      const before = told.get(key);
      const share = done?.share ?? 0;
      const at = performance.now();
      const isDue =
        before === undefined ||
        Math.floor(share / PLAIN_STEP) > Math.floor(before.share / PLAIN_STEP) ||
        at - before.at >= PLAIN_MS;
      if (!isDue || before?.text === text) return;
      told.set(key, { text, share, at });
      screen.write(`${text}\n`);
    },
    hide: (key) => void told.delete(key),
    note: (text) => void screen.write(`${text}\n`),
    end: () => undefined,
  };
}
