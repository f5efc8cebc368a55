/** One attempt to deliver: the step of the delivery workflow. */
import { retryAfterSeconds } from '../egress/retryAfter.ts';
import { tableKeys } from '../keys.ts';
import { MAX_KEPT_ATTEMPTS, WEBHOOK_TIMEOUT_MS } from '../limits.ts';
import { METRICS } from '../names.ts';
import type { Ports, WebAnswer } from '../ports.ts';
import type { Sending, Sent } from '../schemas/workflow.ts';
import type {
  AttemptFault,
  AttemptItem,
  DeliveryItem,
  EndpointItem,
} from '../schemas/webhookItems.ts';
import { findDelivery } from './deliveries.ts';
import { changeEndpoint, closedBy, findEndpoint } from './endpointStore.ts';
import { nextPause } from './pauses.ts';
import { secretOf, signedHeaders } from './signing.ts';

export type SendPorts = Pick<
  Ports,
  'table' | 'web' | 'secrets' | 'clock' | 'random' | 'log' | 'metrics'
>;

const GONE = 410;

/** Why an answer is none that delivers; undefined when it is. */
function faultOf(answer: WebAnswer): AttemptFault | undefined {
  if ('failure' in answer) return answer.failure;
  const { status } = answer;
  if (status >= 200 && status < 300) return undefined;
  if (status === GONE) return 'gone';
  return status >= 300 && status < 400 ? 'redirect' : 'status';
}

/** Sends the message, signed at this moment. */
async function attemptOf(
  { web, clock, secrets }: SendPorts,
  { deliveryId, body }: DeliveryItem,
  { endpointId, url }: EndpointItem,
): Promise<{ attempt: AttemptItem; retryAfter: number | undefined }> {
  const secret = await secretOf({ secrets }, endpointId);
  const at = clock.now();
  const begun = clock.monotonicMs();
  const message = { id: deliveryId, timestamp: Math.floor(at / 1000), body };
  const answer = await web.request({
    method: 'POST',
    url,
    headers: {
      'content-type': 'application/json',
      'user-agent': 'Sheaf',
      ...signedHeaders(secret, message),
    },
    body,
    timeoutMs: WEBHOOK_TIMEOUT_MS,
    // What the server has to say is nobody's business.
    maxBytes: 0,
  });
  const fault = faultOf(answer);
  return {
    attempt: {
      at,
      ms: Math.round(clock.monotonicMs() - begun),
      ...('status' in answer && { status: answer.status }),
      ...(fault !== undefined && { fault }),
    },
    retryAfter:
      'headers' in answer
        ? retryAfterSeconds(answer.headers['retry-after'], clock.now())
        : undefined,
  };
}

/** Changes the delivery, as long as it is the sending and the attempt that it was. */
async function record(
  { table }: SendPorts,
  of: string,
  { deliveryId, sending, tries }: DeliveryItem,
  set: Partial<DeliveryItem>,
): Promise<boolean> {
  const changed = await table.update(
    tableKeys.delivery(of, deliveryId),
    { set, remove: 'nextAttemptAt' in set ? [] : ['nextAttemptAt'] },
    {
      all: [
        { attribute: 'sending', is: '=', value: sending },
        { attribute: 'tries', is: '=', value: tries },
      ],
    },
  );
  return changed !== undefined;
}

/** What is left of a sending of which somebody else made an attempt in the meantime. */
async function afterOthers(ports: SendPorts, sending: Sending): Promise<Sent> {
  const delivery = await findDelivery(ports, sending.of, sending.deliveryId);
  const again = delivery?.sending === sending.sending && delivery.status === 'pending';
  const waitMs = again ? (delivery.nextAttemptAt ?? 0) - ports.clock.now() : 0;
  return { ...sending, again, pauseSeconds: Math.max(0, Math.ceil(waitMs / 1000)) };
}

/**
 * Makes the next attempt of a sending. One whose delivery is gone with its task, was replayed since, or has
 * ended, ends quietly.
 * @returns whether to come again, and after how many seconds
 */
export async function sendWebhook(ports: SendPorts, sending: Sending): Promise<Sent> {
  const over: Sent = { ...sending, again: false, pauseSeconds: 0 };
  const delivery = await findDelivery(ports, sending.of, sending.deliveryId);
  if (delivery?.sending !== sending.sending || delivery.status !== 'pending') return over;
  const endpoint = await findEndpoint(ports, delivery.ownerId, delivery.endpointId);
  const abandoned = closedBy(endpoint);
  if (!endpoint || abandoned !== undefined) {
    await record(ports, sending.of, delivery, { status: 'failed', abandoned });
    return over;
  }

  const { attempt, retryAfter } = await attemptOf(ports, delivery, endpoint);
  const isTest = delivery.type === 'webhook_test';
  if (isTest) await changeEndpoint(ports, endpoint, { lastTest: attempt });
  // Before the delivery: an attempt that is made again meets the same answer.
  if (attempt.fault === 'gone') await changeEndpoint(ports, endpoint, { goneAt: attempt.at });

  const tries = delivery.tries + 1;
  const now = ports.clock.now();
  const pause =
    attempt.fault === undefined || attempt.fault === 'gone' || isTest
      ? undefined
      : nextPause(
          { count: tries, elapsedMs: now - delivery.sendingSince, retryAfterSeconds: retryAfter },
          chance(ports),
        );
  const attempts = [...delivery.attempts, attempt].slice(-MAX_KEPT_ATTEMPTS);
  const isRecorded = await record(ports, sending.of, delivery, {
    tries,
    attempts,
    ...statusAfter(attempt, pause, now),
  });
  // The step may run twice, and only one of the two is heard.
  if (!isRecorded) return afterOthers(ports, sending);
  report(ports, sending, attempt, pause !== undefined);
  return pause === undefined ? over : { ...sending, again: true, pauseSeconds: pause };
}

function statusAfter(
  { fault }: AttemptItem,
  pause: number | undefined,
  now: number,
): Partial<DeliveryItem> {
  if (fault === undefined) return { status: 'delivered' };
  if (pause !== undefined) return { nextAttemptAt: now + pause * 1000 };
  return { status: 'failed', ...(fault === 'gone' && { abandoned: 'endpoint_gone' }) };
}

/** From 0 to 1. */
const chance = ({ random }: Pick<Ports, 'random'>) => (random.bytes(1)[0] ?? 0) / 256;

/** What became of it: never where it was sent, nor what was answered. */
function report(
  { log, metrics }: SendPorts,
  { of, deliveryId }: Sending,
  { status, fault, ms }: AttemptItem,
  again: boolean,
): void {
  const fields = { of, deliveryId, ms, status, fault };
  if (fault === undefined) {
    metrics.count(METRICS.webhooksDelivered, 1);
    log.info('A webhook was delivered.', fields);
  } else if (again) {
    log.info('A webhook was not delivered, and is tried again.', fields);
  } else {
    metrics.count(METRICS.webhooksFailed, 1);
    log.warn('A webhook was given up.', fields);
  }
}
