/** Cross-origin access to a bucket (S3 User Guide, "Using cross-origin resource sharing"). */
import type { IncomingHttpHeaders } from 'node:http';
import type { CorsRule } from './bucketProperties.ts';
import { S3Error } from './errors.ts';

/** Headers that let a page of another origin read an answer; none when no rule is about it. */
export function corsHeaders(
  rules: readonly CorsRule[],
  method: string,
  { origin }: IncomingHttpHeaders,
): Record<string, string> {
  if (!origin) return {};
  const rule = rules.find((candidate) => allows(candidate, origin, method));
  return rule ? answerHeaders(rule, origin) : {};
}

/**
 * Headers that answer a browser's preflight.
 * @throws S3Error AccessForbidden when no rule allows the request
 */
export function preflightHeaders(
  rules: readonly CorsRule[],
  headers: IncomingHttpHeaders,
): Record<string, string> {
  const { origin = '' } = headers;
  const method = headers['access-control-request-method'] ?? '';
  const asked = (headers['access-control-request-headers'] ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter(Boolean);
  const rule = rules.find(
    (candidate) =>
      allows(candidate, origin, method) &&
      asked.every((name) => matchesAny(candidate.AllowedHeaders, name)),
  );
  if (!rule) {
    throw new S3Error('AccessForbidden', 'CORSResponse: This CORS request is not allowed.');
  }
  return {
    ...answerHeaders(rule, origin),
    ...(asked.length > 0 && { 'access-control-allow-headers': asked.join(', ') }),
    ...(rule.MaxAge !== undefined && { 'access-control-max-age': String(rule.MaxAge) }),
  };
}

function answerHeaders(rule: CorsRule, origin: string): Record<string, string> {
  const anyOrigin = rule.AllowedOrigins.includes('*');
  return {
    'access-control-allow-origin': anyOrigin ? '*' : origin,
    'access-control-allow-methods': rule.AllowedMethods.join(', '),
    ...(rule.ExposedHeaders.length > 0 && {
      'access-control-expose-headers': rule.ExposedHeaders.join(', '),
    }),
    ...(!anyOrigin && { 'access-control-allow-credentials': 'true' }),
    vary: 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method',
  };
}

const allows = (rule: CorsRule, origin: string, method: string) =>
  rule.AllowedMethods.includes(method) && matchesAny(rule.AllowedOrigins, origin);

/** Each pattern may hold one *, which stands for any characters. Letter case does not count. */
function matchesAny(patterns: readonly string[], value: string): boolean {
  return patterns.some((pattern) => {
    const [before = '', after] = pattern.toLowerCase().split('*', 2);
    const text = value.toLowerCase();
    if (after === undefined) return text === before;
    return (
      text.length >= before.length + after.length && text.startsWith(before) && text.endsWith(after)
    );
  });
}
