/** Names by which this machine may be addressed. */

const LOOPBACK_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;

/**
 * Whether a Host header names this machine. A page in a browser can have its own name resolve to
 * 127.0.0.1 (DNS rebinding); the Host header still tells its name.
 */
export const isLoopbackHost = (host: string | undefined): boolean =>
  host !== undefined && LOOPBACK_HOST.test(host);
