import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createLiveView } from '../../../cli/terminal/liveView.ts';
import { progressLine } from '../../../cli/terminal/progressLine.ts';
import type { Screen } from '../../../cli/terminal/screen.ts';
import { counted, duration, size } from '../../../cli/terminal/words.ts';
import type { Progress } from '../../../shared/schemas/stream.ts';

const progress = (changes: Partial<Progress> = {}): Progress => ({
  taskId: 'task_01JDA4V5P0W8QZ6Y3M2T7R9KXC',
  progress: 99,
  current: 999,
  total: 1_000,
  succeeded: 998,
  failed: 2,
  skipped: 0,
  ratePerSecond: 324,
  etaSeconds: 0.2,
  stage: 'rendering',
  message: '',
  ...changes,
});

const LARGE = progress({
  current: 999_999,
  total: 1_000_000,
  failed: 12_345,
  ratePerSecond: 20_791,
  etaSeconds: 125,
});

/** What a screen shows, line by line, and all that was written to it. */
function drawn(shown: Progress, screen: Partial<Screen>, colour = false) {
  let written = '';
  const view = createLiveView({ write: (text: string) => (written += text), ...screen }, colour);
  view.show('task', progressLine(shown));
  view.end();
  const lines = stripVTControlCharacters(written)
    .split(/[\r\n]/)
    .filter((line) => line !== '');
  return { written, lines };
}

describe('in a terminal', () => {
  it.each([20, 40, 60, 80, 120])('fills no line of %i columns, and cuts no word', (columns) => {
    for (const shown of [progress(), LARGE]) {
      const [line = ''] = drawn(shown, { isTTY: true, columns }).lines;
      expect(line.length).toBeLessThan(columns);
      const whole = drawn(shown, {}).lines[0]?.split(' · ') ?? [];
      const text = line.replace(/^[█▓░]+ /, '');
      expect(whole.slice(0, text.split(' · ').length)).toEqual(text.split(' · '));
    }
  });

  it('shows everything at 80 columns, with a bar', () => {
    expect(drawn(progress(), { isTTY: true, columns: 80 }).lines[0]).toMatch(
      /^[█▓░]{8,} {2}99 % · 999 of 1,000 · 2 failed · 324\/s · 1 s left$/,
    );
  });

  it('shows what failed in another colour, and none where that is asked for', () => {
    const [green, red] = ['\u001b[32m', '\u001b[31m'];
    const coloured = drawn(progress(), { isTTY: true }, true).written;
    expect(coloured).toContain(green);
    expect(coloured).toContain(red);
    const plain = drawn(progress(), { isTTY: true }, false).written;
    expect(plain).not.toContain(green);
    expect(plain).not.toContain(red);
  });

  it('keeps several pieces of work in lines of their own, with notes above', () => {
    let written = '';
    const screen = { write: (text: string) => (written += text), isTTY: true, columns: 80 };
    const view = createLiveView(screen, false);
    view.show('a', progressLine(progress(), 'January'));
    view.show('b', progressLine(LARGE, 'A very long name of a file that does not fit in'));
    view.note('Row 3: MISSING_VALUE.');
    view.hide('a');
    view.end();
    const lines = stripVTControlCharacters(written).split(/[\r\n]+/);
    expect(lines.find((line) => line.startsWith('January'))).toMatch(/^January {13}[█▓░]{8,} /);
    expect(lines.find((line) => line.startsWith('A very'))).toMatch(
      /^A very long name o… {2}99 % · /,
    );
    expect(lines).toContain('Row 3: MISSING_VALUE.');
  });

  it('shows nothing of a name that would move the cursor', () => {
    let written = '';
    const screen = { write: (text: string) => (written += text), isTTY: true, columns: 80 };
    const view = createLiveView(screen, false);
    view.show('a', progressLine(progress(), 'a\u001b[2Jb\u202ec'));
    view.end();
    expect(written).not.toContain('\u001b[2J');
    expect(written).not.toContain('\u202e');
  });
});

it('writes plain lines where there is no terminal', () => {
  expect(drawn(progress(), {}).written).toBe(
    ' 99 % · 999 of 1,000 · 2 failed · 324/s · 1 s left\n',
  );
});

it('says no time left when nothing is, and no rate below one', () => {
  const ended = progress({ current: 1_000, ratePerSecond: 0.2 });
  expect(drawn(ended, {}).written).toBe(' 99 % · 1,000 of 1,000 · 2 failed\n');
});

it('says numbers as people do', () => {
  expect([counted(1, 'row'), counted(2, 'row'), counted(1_000, 'row'), counted(0, 'row')]).toEqual([
    '1 row',
    '2 rows',
    '1,000 rows',
    '0 rows',
  ]);
  expect([duration(8.4), duration(125), duration(3_780)]).toEqual([
    '8 s',
    '2 min 5 s',
    '1 h 3 min',
  ]);
  expect([size(999), size(7_812_345)]).toEqual(['999 bytes', '7.8 MB']);
});
