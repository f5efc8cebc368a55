/**
 * The Content-Security-Policy of the console: scripts and styles of its own files alone, requests to
 * nobody but the API, its streams and its bucket, and no text that becomes HTML (Trusted Types, W3C).
 */

/** @param sources origins that the page may send requests to, beside its own */
export function contentPolicy(sources: readonly string[]): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' blob:",
    connectDirective(sources),
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
}

const connectDirective = (sources: readonly string[]) =>
  ["connect-src 'self'", ...sources].join(' ');

/** The same policy with other origins, where what it was made for has other addresses. */
export const withSources = (policy: string, sources: readonly string[]): string =>
  policy.replace(/connect-src [^;]*/, connectDirective(sources));
