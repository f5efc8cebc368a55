/** Addresses of pages: the part behind #, read and written. */

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
