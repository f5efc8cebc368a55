/** One call of a service, tried until it is answered, or for as long as it may. */
import {
  MAX_THROTTLED_TRIES,
  RETRY_AFTER_MAX_MS,
  STEP_PAUSE_MAX_MS,
  STEP_PAUSE_MS,
} from '../limits.ts';
import type { Ports } from '../ports.ts';
import type { Limiter } from '../rateLimit/limiter.ts';
import type { FilledRequest } from './request.ts';
import type { WholeAnswer } from './response.ts';
import { toldByService } from './toldByService.ts';
import { judge, UNDER_WAY, type CallFault } from './verdict.ts';

export type CallPorts = Pick<Ports, 'web' | 'clock' | 'random'>;

export interface ServiceCall {
  readonly request: Omit<FilledRequest, 'fingerprint'>;
  /** The same for every try (request.ts, idempotencyKey). */
  readonly idempotencyKey: string;
  /** Headers of the connection; laid over those of the request. */
  readonly secretHeaders: Readonly<Record<string, string>>;
  /** The longest that a try that begins now may take, in ms; undefined where none is to begin any more. */
  readonly timeoutMs: () => number | undefined;
  /** Told of each call that the service took. */
  readonly onCalled?: () => void;
  /** Tries beyond the first that may go wrong. */
  readonly retries: number;
  /** Of the answer. */
  readonly maxBytes: number;
}

export type CallResult = { readonly tries: number } & (
  | { readonly ok: true; readonly answer: WholeAnswer }
  | {
      readonly ok: false;
      readonly fault: CallFault;
      /** Whether it is the service or its key that is at fault, and not this row: then all others may meet it, too. */
      readonly isGeneral: boolean;
      readonly told?: string | undefined;
    }
);

/** What a service answers whose key is wrong, or whose account has nothing left (RFC 9110, 15.5.2 to 15.5.4). */
const KEY_REFUSED = new Set([401, 402, 403]);

/** Before the next try, in ms: by chance anything up to twice as long as before ("full jitter", AWS Architecture Blog). */
function pauseMs({ random }: Pick<Ports, 'random'>, tries: number): number {
  const [high = 0, low = 0] = random.bytes(2);
  const most = Math.min(STEP_PAUSE_MAX_MS, STEP_PAUSE_MS * 2 ** (tries - 1));
  return ((high * 256 + low) / 65_536) * most;
}

/** There is not enough time left to begin a call. */
export class NoTimeLeft extends Error {}

/** What a service may repeat that is nobody's to see: headers, and values in the query of the URL. */
function secretsOf(
  { url, headers }: ServiceCall['request'],
  secretHeaders: Readonly<Record<string, string>>,
): string[] {
  const others = Object.entries(headers).filter(([name]) => name !== 'content-type');
  const query = URL.canParse(url) ? [...new URL(url).searchParams.values()] : [];
  return [...Object.values(secretHeaders), ...others.map(([, value]) => value), ...query];
}

const inLowerCase = (headers: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

/** @throws the signal's reason */
async function pause(
  { clock }: Pick<Ports, 'clock'>,
  ms: number,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const woken = new AbortController();
  const aborted = new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true, signal: woken.signal });
  });
  await Promise.race([clock.sleep(Math.min(ms, RETRY_AFTER_MAX_MS)), aborted]);
  woken.abort();
  signal.throwIfAborted();
}

/**
 * Calls a service whenever it is its turn. A service that asks to be called less often costs the call no
 * retries: it waits with all others.
 * @throws NoTimeLeft; the signal's reason; what the limiter throws
 */
export async function callService(
  ports: CallPorts,
  limiter: Pick<Limiter, 'turn'>,
  call: ServiceCall,
  signal: AbortSignal,
): Promise<CallResult> {
  const { request, secretHeaders, maxBytes } = call;
  let failed = 0;
  let throttled = 0;
  for (;;) {
    const end = await limiter.turn(signal);
    const timeoutMs = call.timeoutMs();
    if (timeoutMs === undefined) {
      end({ outcome: 'unused' });
      throw new NoTimeLeft();
    }
    const answer = await ports.web.request({
      ...request,
      headers: {
        'user-agent': 'Sheaf',
        accept: '*/*',
        ...request.headers,
        ...inLowerCase(secretHeaders),
        'idempotency-key': call.idempotencyKey,
      },
      timeoutMs,
      maxBytes,
    });
    const judged = judge(answer, ports.clock.now());
    const tries = failed + throttled + 1;
    const told = () =>
      'body' in answer ? toldByService(answer, secretsOf(request, secretHeaders)) : undefined;
    if (judged.verdict !== 'throttled') call.onCalled?.();
    switch (judged.verdict) {
      case 'answered': {
        end({ outcome: 'answered' });
        // A verdict on an answer says that there is one.
        if (!('body' in answer)) throw new Error('An answer has a body.');
        if (answer.isWhole) return { ok: true, tries, answer };
        const what = `The answer has more than ${maxBytes} bytes, or ended before its end`;
        return { ok: false, tries, fault: { status: answer.status, what }, isGeneral: false };
      }
      case 'refused': {
        const { status } = judged.fault;
        const isGeneral = status === undefined || KEY_REFUSED.has(status);
        // Otherwise it is there, and has an opinion of this row.
        end({ outcome: isGeneral ? 'failed' : 'answered' });
        return { ok: false, tries, fault: judged.fault, isGeneral, told: told() };
      }
      case 'throttled':
        end({ outcome: 'throttled', retryAfterMs: judged.afterMs });
        if (++throttled > MAX_THROTTLED_TRIES) {
          return { ok: false, tries, fault: judged.fault, isGeneral: true, told: told() };
        }
        break;
      case 'again': {
        // One that works on an earlier try is there.
        const isGeneral = judged.fault.status !== UNDER_WAY;
        end({ outcome: isGeneral ? 'failed' : 'answered' });
        if (++failed > call.retries) {
          return { ok: false, tries, fault: judged.fault, isGeneral, told: told() };
        }
        await pause(ports, Math.max(judged.afterMs, pauseMs(ports, failed)), signal);
      }
    }
  }
}
