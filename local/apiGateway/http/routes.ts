/**
 * Which route takes a request: the most specific that matches, then greedy ones, then $default
 * (API Gateway Developer Guide, "Routing API requests" of HTTP APIs).
 */
import type { Route } from '../../cloudFormation/gateways.ts';

export interface RouteMatch {
  readonly route: Route;
  /** Decoded values of the path's variables. */
  readonly pathParameters: Readonly<Record<string, string>>;
}

export type MatchRoute = (method: string, path: string) => RouteMatch | undefined;

/** What a route asks of one segment of the path, from specific to general. */
type Segment =
  | { readonly kind: 'static'; readonly text: string }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'greedy'; readonly name: string };

const RANK = { static: 0, variable: 1, greedy: 2 } as const;

interface CompiledRoute {
  readonly route: Route;
  readonly method: string;
  readonly segments: readonly Segment[];
}

/** @throws for a route key that is neither `METHOD /path` nor $default */
export function compileRoutes(routes: readonly Route[]): MatchRoute {
  const fallback = routes.find(({ key }) => key === '$default');
  const compiled = routes
    .filter((route) => route !== fallback)
    .map(compileRoute)
    .sort(bySpecificity);
  return (method, path) => {
    const segments = path.split('/').slice(1);
    for (const candidate of compiled) {
      if (candidate.method !== 'ANY' && candidate.method !== method) continue;
      const pathParameters = matchSegments(candidate.segments, segments);
      if (pathParameters) return { route: candidate.route, pathParameters };
    }
    return fallback && { route: fallback, pathParameters: {} };
  };
}

function compileRoute(route: Route): CompiledRoute {
  const [, method, path] = /^([A-Z]+) \/(.*)$/.exec(route.key) ?? [];
  if (method === undefined || path === undefined) {
    throw new Error(`The route key ${route.key} is not of the form "METHOD /path".`);
  }
  const segments = path.split('/').map((text): Segment => {
    const [, name, plus] = /^\{([^}+]+)(\+?)\}$/.exec(text) ?? [];
    if (name === undefined) return { kind: 'static', text };
    return { kind: plus === '+' ? 'greedy' : 'variable', name };
  });
  return { route, method, segments };
}

/** Decided by the first segment in which two routes differ; then a method goes before ANY. */
function bySpecificity(a: CompiledRoute, b: CompiledRoute): number {
  const length = Math.max(a.segments.length, b.segments.length);
  const greedy = (route: CompiledRoute) => Number(route.segments.at(-1)?.kind === 'greedy');
  if (greedy(a) !== greedy(b)) return greedy(a) - greedy(b);
  for (let i = 0; i < length; i++) {
    const [x, y] = [a.segments[i], b.segments[i]];
    const difference = (x ? RANK[x.kind] : 3) - (y ? RANK[y.kind] : 3);
    if (difference !== 0) return difference;
  }
  return Number(a.method === 'ANY') - Number(b.method === 'ANY');
}

function matchSegments(
  pattern: readonly Segment[],
  segments: readonly string[],
): Record<string, string> | undefined {
  const parameters: Record<string, string> = {};
  for (const [i, expected] of pattern.entries()) {
    const given = segments[i];
    if (given === undefined) return undefined;
    if (expected.kind === 'static') {
      if (given !== expected.text) return undefined;
      continue;
    }
    // A variable stands for at least one character.
    if (given === '') return undefined;
    if (expected.kind === 'greedy') {
      parameters[expected.name] = decodeURIComponent(segments.slice(i).join('/'));
      return parameters;
    }
    parameters[expected.name] = decodeURIComponent(given);
  }
  return pattern.length === segments.length ? parameters : undefined;
}
