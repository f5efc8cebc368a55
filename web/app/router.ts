/**
 * Where one is: the part of the address behind #, so that any server of files serves every page
 * (docs/adr/0078-the-console.md). State that somebody would want to keep or send on is in it.
 */
import { useEffect, useState } from 'preact/hooks';
import { hrefOf, parseRoute, type Params, type Route } from './address.ts';

export { hrefOf, parseRoute, type Route };

export const go = (path: readonly string[], params?: Params): void => {
  location.hash = hrefOf(path, params);
};

/** Changes parameters of the present page; the way back leads to the page before it. */
export function changeParams(change: Params): void {
  const { path, params } = parseRoute(location.hash);
  const all = { ...Object.fromEntries(params), ...change };
  history.replaceState(history.state, '', hrefOf(path, all));
  dispatchEvent(new HashChangeEvent('hashchange'));
}

/** The present route; the component is drawn anew when it changes. */
export function useRoute(): Route {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const update = () => setHash(location.hash);
    addEventListener('hashchange', update);
    update();
    return () => removeEventListener('hashchange', update);
  }, []);
  return parseRoute(hash);
}
