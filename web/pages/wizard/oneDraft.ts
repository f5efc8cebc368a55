/**
 * One draft through all of its steps. Each step that somebody goes to is an entry of the browser's history, with the
 * address as it was there: the browser's own way back would lead to what the draft was before. So entries know whose
 * they are, and show the draft as it is now, at their step.
 */
import { hrefOf, parseRoute, type Route } from '../../app/address.ts';
import { arriveAt, MarkSchema, type Known } from './draftEntries.ts';

let known: Known | undefined;

/** The route of the wizard, with all that was chosen since the entry was left. */
export function routeOfDraft(): Route {
  const { path, params } = parseRoute(location.hash);
  const step = params.get('step') ?? undefined;
  params.delete('step');
  const choices = params.toString();
  const mark = MarkSchema.safeParse(history.state).data;
  known = arriveAt(known, mark, choices, () => Math.random().toString(36).slice(2));
  const { draft, entry } = known;
  const isChanged = known.choices !== choices;
  const all = { ...Object.fromEntries(new URLSearchParams(known.choices)), step };
  if (isChanged || mark?.entry !== entry) {
    history.replaceState({ draft, entry }, '', isChanged ? hrefOf(path, all) : location.hash);
  }
  return parseRoute(location.hash);
}
