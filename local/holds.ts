/**
 * Who uses a local cloud that was started for whoever needs it, and is to stop with the last of them:
 * each program holds it by a request that stays open, which its end closes, however it ends.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';

/** Where it is held, at the services endpoint: no bucket can have so short a name. */
const HOLD_PATH = '/-/hold';
export const isHoldPath = (url: string) => url === HOLD_PATH;

/** The next of several commands of a script comes within this time, in ms. */
const UNUSED_MS = 2_000;
/** Nobody holds what was started for somebody who is gone, in ms. */
const NEVER_USED_MS = 30_000;

export interface Holds {
  /** Answers at once, and leaves the answer open until the other side is gone. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

/** @param onUnused told once, when nobody has held it for a while; absent where that does not matter */
export function createHolds(apiKey: string, onUnused?: () => void): Holds {
  let holders = 0;
  let timer: NodeJS.Timeout | undefined;
  const endIn = (ms: number) => {
    if (onUnused) timer = setTimeout(onUnused, ms).unref();
  };
  endIn(NEVER_USED_MS);
  return {
    handle(request, response) {
      if (request.headers.authorization !== `Bearer ${apiKey}`) {
        response.writeHead(401).end();
        return Promise.resolve();
      }
      clearTimeout(timer);
      holders++;
      response.once('close', () => {
        holders--;
        clearTimeout(timer);
        if (holders === 0) endIn(UNUSED_MS);
      });
      response.writeHead(200, { 'content-type': 'text/plain' });
      response.write('held\n');
      return Promise.resolve();
    },
  };
}
