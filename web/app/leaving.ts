/** Leaving the page, and with it what was typed. */

const ask = (event: BeforeUnloadEvent): void => event.preventDefault();

/** Has the browser ask before the page is left, or not any more. */
export function askBeforeLeaving(isAsked: boolean): void {
  if (isAsked) addEventListener('beforeunload', ask);
  else removeEventListener('beforeunload', ask);
}
