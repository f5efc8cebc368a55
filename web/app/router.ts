/**
 * Where one is: the part of the address behind #, so that any server of files serves every page
 * (docs/adr/0078-the-console.md). State that somebody would want to keep or send on is in it.
 */
import { useEffect, useState } from 'preact/hooks';

export interface Route {
  /** Segments, decoded: ['tasks', 'task_…']. */
  readonly path: readonly string[];
  readonly params: URLSearchParams;
}

export type Params = Readonly<Record<string, string | undefined>>;

export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?');
  const segments = path.split('/').filter((segment) => segment !== '');
  return { path: segments.map(decoded), params: new URLSearchParams(query) };
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** The address of a page, for links. */
export function hrefOf(path: readonly string[], params: Params = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    if (value !== undefined && value !== '') query.set(name, value);
  }
  const search = query.toString();
  return `#/${path.map(encodeURIComponent).join('/')}${search === '' ? '' : `?${search}`}`;
}

export const go = (path: readonly string[], params?: Params): void => {
  location.hash = hrefOf(path, params);
};

/** Changes parameters of the present page; the way back leads to the page before it. */
export function changeParams(change: Params): void {
  const { path, params } = parseRoute(location.hash);
  const all = { ...Object.fromEntries(params), ...change };
  history.replaceState(null, '', hrefOf(path, all));
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
