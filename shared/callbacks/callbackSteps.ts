/** Steps whose services call back: what they are sent, and what became of it. */
import type { CallbackPlace } from '../keys.ts';
import { CALLBACK_SEND_MS } from '../limits.ts';
import type { Ports } from '../ports.ts';
import { failureOf, takeAnswer, type Taken } from '../rowSteps/askService.ts';
import type { Filled } from '../rowSteps/request.ts';
import type { Resolved } from '../rowSteps/resolveRow.ts';
import type { WholeAnswer } from '../rowSteps/response.ts';
import type { RowStep } from '../schemas/rowSteps.ts';
import { callbackUrl } from './callbackUrl.ts';

export type CallbackPorts = Pick<
  Ports,
  'table' | 'objects' | 'web' | 'clock' | 'secrets' | 'apiUrl'
> & { readonly workflow: Pick<Ports['workflow'], 'answerTask'> };

/** A step that is to be called next. */
type Next = Extract<Resolved, { state: 'waiting' }>;

/** The longest that one try of a step may take, in ms. */
export const tryMs = ({ mode, timeoutSeconds }: RowStep): number =>
  mode === 'callback' ? Math.min(timeoutSeconds * 1_000, CALLBACK_SEND_MS) : timeoutSeconds * 1_000;

/** Until when the callback of a request may come, in ms since 1970. */
export const callbackUntil = ({ timeoutSeconds }: RowStep, sentAt: number): number =>
  sentAt + timeoutSeconds * 1_000;

/** The request with the URL that is to be called in it; its Idempotency-Key is the same as long as its URL is. */
export async function withCallbackUrl(
  { secrets, apiUrl }: Pick<CallbackPorts, 'secrets' | 'apiUrl'>,
  { withCallback }: Pick<Next, 'withCallback'>,
  place: CallbackPlace,
): Promise<Filled> {
  const filled = withCallback(callbackUrl(apiUrl, await secrets.webhookMaster(), place));
  if (!filled.ok) return filled;
  const fingerprint = place.after === 0 ? place.request : `${place.request}.${place.after}`;
  return { ok: true, request: { ...filled.request, fingerprint } };
}

/**
 * What a step gives whose service has called back; or has not, in time.
 * @param timeFor how long a try to fetch a file may take (askService.ts, Question.timeoutMs)
 * @throws NoTimeLeft
 */
export async function takeCalledBack(
  ports: Pick<Ports, 'web' | 'clock'>,
  { step: compiled, request }: Pick<Next, 'step' | 'request'>,
  came: WholeAnswer | undefined,
  timeFor: () => number | undefined,
): Promise<Taken> {
  const { step } = compiled;
  if (came) return takeAnswer(ports, compiled, request, came, timeFor);
  const what = `No callback came within ${step.timeoutSeconds} s`;
  return { ok: false, isGeneral: false, failure: failureOf(step.name, { what }) };
}
