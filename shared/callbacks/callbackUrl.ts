/**
 * URLs that services call back: each is good for one answer of one row, says which by itself, and can be made by nobody
 * without the installation's master secret. So nothing is kept for it, and a request that is sent again has the same.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { callbackPaths, fillPath } from '../api/paths.ts';
import type { CallbackPlace } from '../keys.ts';

/** What the derived key is for: the same master secret gives others for other purposes. */
const PURPOSE = 'sheaf/callbacks/v1/';

/** What stands in the URL: parts without points, and the code behind them. */
const TOKEN =
  /^(task_\w+)\.([1-9]\d{0,8})\.(\w{1,40})\.([0-9a-f]{32})\.(0|[1-9]\d{0,5})\.([\w-]{43})$/;

function codeOf(master: string, text: string): Buffer {
  const key = createHmac('sha256', master).update(PURPOSE).digest();
  return createHmac('sha256', key).update(text).digest();
}

/** What the last part of the URL is. @param master the master secret */
export function callbackToken(master: string, place: CallbackPlace): string {
  const { taskId, row, step, request, after } = place;
  const text = [taskId, row, step, request, after].join('.');
  return `${text}.${codeOf(master, text).toString('base64url')}`;
}

/** @param apiUrl of the API, with its base path */
export const callbackUrl = (apiUrl: string, master: string, place: CallbackPlace): string =>
  apiUrl + fillPath(callbackPaths.callback, { callback: callbackToken(master, place) });

/** What a token is good for; undefined for one that was not made here. */
export function readCallbackToken(master: string, token: string): CallbackPlace | undefined {
  const [, taskId, row, step, request, after, code] = TOKEN.exec(token) ?? [];
  if (taskId === undefined || step === undefined || request === undefined) return undefined;
  const text = token.slice(0, token.lastIndexOf('.'));
  // Of 43 letters, all with the same 32 bytes.
  const given = Buffer.from(code ?? '', 'base64url');
  if (!timingSafeEqual(given, codeOf(master, text))) return undefined;
  return { taskId, row: Number(row), step, request, after: Number(after) };
}
