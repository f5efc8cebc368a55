/** When those who hear the page are told how far a task is: seldom, as every word interrupts. */

/** Per cent between two words. */
const STEP = 25;
/** And at least so long. */
const APART_MS = 15_000;

export interface Said {
  readonly percent: number;
  /** In ms. */
  readonly at: number;
}

/** Whether it is time to say how far it is. @param said what was said last */
export function isTimeToSay(said: Said, percent: number, now: number): boolean {
  const isNext = Math.floor(percent / STEP) > Math.floor(said.percent / STEP);
  return isNext && percent < 100 && now - said.at >= APART_MS;
}
