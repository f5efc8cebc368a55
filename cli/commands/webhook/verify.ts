/** Whether a message is what it claims to be: Standard Webhooks 1.0, as a receiver has to look at it. */
import { timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { signedHeaders } from '../../../shared/webhooks/signing.ts';

/** Older and newer messages may have been recorded, and sent again by somebody else. */
const TOLERANCE_SECONDS = 5 * 60;

/** What a secret looks like. */
export const WEBHOOK_SECRET = /^whsec_[A-Za-z0-9+/]{16,128}={0,2}$/;

/**
 * @param nowSeconds since 1970
 * @returns why the message is not to be believed; undefined when it is
 */
export function whyForged(
  headers: IncomingHttpHeaders,
  body: string,
  secret: string,
  nowSeconds: number,
): string | undefined {
  const id = headers['webhook-id'];
  const timestamp = Number(headers['webhook-timestamp']);
  const marks = headers['webhook-signature'];
  if (typeof id !== 'string' || typeof marks !== 'string' || !Number.isInteger(timestamp)) {
    return 'it is not signed';
  }
  if (Math.abs(nowSeconds - timestamp) > TOLERANCE_SECONDS) {
    return 'it is not of now, or the clock of this machine is wrong';
  }
  const expected = Buffer.from(signedHeaders(secret, { id, timestamp, body })['webhook-signature']);
  const isOurs = marks.split(' ').some((mark) => {
    const given = Buffer.from(mark);
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
  return isOurs ? undefined : 'its signature is of another secret';
}
