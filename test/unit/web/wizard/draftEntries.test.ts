import { describe, expect, it } from 'vitest';
import { arriveAt, type Known } from '../../../../web/pages/wizard/draftEntries.ts';

/** A tab: entries of its history, as the browser has them. */
function tab() {
  const entries: { mark: { draft: string; entry: string } | undefined; choices: string }[] = [];
  let at = -1;
  let known: Known | undefined;
  let ids = 0;
  const show = () => {
    const entry = entries[at];
    if (!entry) throw new Error('There is no such entry.');
    known = arriveAt(known, entry.mark, entry.choices, () => String(++ids));
    entries[at] = { mark: { draft: known.draft, entry: known.entry }, choices: known.choices };
    return known.choices;
  };
  return {
    /** Follows a link. */
    follow(choices: string) {
      entries.splice(++at, entries.length, { mark: undefined, choices });
      return show();
    },
    /** Chooses something on the page. */
    choose(choices: string) {
      entries[at] = { mark: entries[at]?.mark, choices };
      return show();
    },
    travel(steps: number) {
      at += steps;
      return show();
    },
    reload() {
      known = undefined;
      return show();
    },
  };
}

describe('the draft of a task', () => {
  it('keeps what was chosen last, whichever way somebody goes through its steps', () => {
    const at = tab();
    at.follow('');
    at.choose('template=1');
    at.follow('template=1');
    at.choose('template=1&data=2');
    at.follow('template=1&data=2');
    at.choose('template=1&data=2&name=Mine');
    expect(at.travel(-1)).toBe('template=1&data=2&name=Mine');
    expect(at.choose('template=1&data=3&name=Mine')).toBe('template=1&data=3&name=Mine');
    expect(at.travel(1)).toBe('template=1&data=3&name=Mine');
    at.reload();
    expect(at.travel(-2)).toBe('template=1&data=3&name=Mine');
  });

  it('is another one where an address says something else, which the way back leads out of', () => {
    const at = tab();
    at.follow('');
    at.choose('template=1');
    expect(at.follow('')).toBe('');
    at.choose('template=2');
    expect(at.travel(-1)).toBe('template=1');
    expect(at.travel(1)).toBe('template=2');
  });
});
