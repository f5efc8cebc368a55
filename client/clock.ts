/** Time and chance of the platform; tests bring their own. */

export interface ClientClock {
  /** Monotonic, in ms. */
  now(): number;
  /** Of the wall, in ms since 1970. */
  date(): number;
  /** Resolves after `ms`; rejects with the signal's reason when that is aborted before. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const platformClock: ClientClock = {
  now: () => performance.now(),
  date: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', abort);
        resolve();
      }, ms);
      const abort = () => {
        clearTimeout(timer);
        reject(signal?.reason as Error);
      };
      signal?.addEventListener('abort', abort, { once: true });
    }),
};
