/**
 * Making something once, however often it is asked for with the same Idempotency-Key.
 *
 * The first request claims the key, together with the id of what is to be made; then it makes it; then it
 * notes what it answered. The claim is a lease: should the process be killed between, whoever asks after
 * it goes on under the same id, and finds what was made or makes it. So nothing is made twice, and no key
 * is lost (docs/adr/0055-a-key-claims-an-id.md).
 */
import * as z from 'zod';
import { hashSecret } from '../access/secrets.ts';
import { newCreation, type Creation } from '../creation.ts';
import { newId, type IdKind } from '../ids.ts';
import { tableKeys } from '../keys.ts';
import { CLOCK_SKEW_MS, IDEMPOTENCY_LEASE_MS, IDEMPOTENCY_SECONDS } from '../limits.ts';
import type { Condition, ItemKey, Ports } from '../ports.ts';
import { Problem } from '../problems.ts';
import { fingerprintOf } from './fingerprint.ts';
import { parseIdempotencyKey } from './idempotencyKey.ts';

type MakePorts = Pick<Ports, 'table' | 'clock' | 'random' | 'log'>;

/** A request that makes something. */
export interface MakingRequest {
  readonly ownerId: string;
  /** The route; a key means nothing on another. */
  readonly operationId: string;
  /** The header's value; undefined when there is none. */
  readonly idempotencyKey: string | undefined;
  /** What else the request says: with the same key it must be the same. */
  readonly content: unknown;
  readonly kind: IdKind;
}

/** IDEM#owner#route#hash / META. */
const ClaimSchema = z.object({
  fingerprint: z.string(),
  /** Of what is made. */
  id: z.string(),
  /** Until when nobody else goes on with it, in ms; 0 once nobody is at it. */
  leaseUntil: z.int(),
  /** What was answered, without what is made anew for each answer. */
  kept: z.json().optional(),
  expiresAt: z.int(),
});
type Claim = z.output<typeof ClaimSchema>;

/** How often a claim is looked at again that changed between two calls. */
const LOOKS = 4;

/** A Problem below this status says that nothing was made. */
const SERVER_ERROR = 500;

/**
 * What `make` gives, or what it gave to the first request with this key.
 * @param schema of what is kept of the answer; what an older version kept otherwise is made anew
 * @param make makes it under the id, by a conditional write; a Problem of 4xx says that it was not made
 * @param answer what is answered with it; begun as soon as it is made, beside the note of what was made
 * @throws Problem VALIDATION_ERROR (the key), IDEMPOTENCY_KEY_REUSED, IDEMPOTENCY_CONFLICT; what `make` throws
 */
export async function makeOnce<T, A>(
  ports: MakePorts,
  request: MakingRequest,
  schema: z.ZodType<T>,
  make: (creation: Creation) => Promise<T>,
  answer: (made: T) => Promise<A>,
): Promise<A> {
  const { ownerId, operationId, idempotencyKey, content, kind } = request;
  if (idempotencyKey === undefined) return answer(await make(newCreation(kind, ports)));

  const key = parseIdempotencyKey(idempotencyKey);
  const at = tableKeys.idempotency(ownerId, operationId, hashSecret(key));
  const fingerprint = fingerprintOf(key, content);
  const taken = await take(ports, at, { fingerprint, id: newId(kind, ports) });
  const kept = schema.safeParse(taken.claim.kept);
  if (taken.claim.kept !== undefined && kept.success) return answer(kept.data);

  const { claim, isRepeat } = taken;
  const mine: Condition = { attribute: 'leaseUntil', is: '=', value: claim.leaseUntil };
  const made = await make({ id: claim.id, isRepeat }).catch(async (error: unknown) => {
    await release(ports, at, mine, error);
    throw error;
  });
  const noting = noted(ports, () =>
    ports.table.update(at, { set: { kept: made, leaseUntil: 0 } }, mine),
  );
  return answer(made).finally(() => noting);
}

/** The claim of a key: one that is answered already, or one that is this request's to carry out. */
async function take(
  { table, clock }: MakePorts,
  at: ItemKey,
  wanted: Pick<Claim, 'fingerprint' | 'id'>,
): Promise<{ claim: Claim; isRepeat: boolean }> {
  let found: Claim | undefined;
  for (let looks = 0; looks < LOOKS; looks++) {
    const now = clock.now();
    const leaseUntil = now + IDEMPOTENCY_LEASE_MS;
    const expiresAt = Math.floor(now / 1000) + IDEMPOTENCY_SECONDS;
    const first: Claim = { ...wanted, leaseUntil, expiresAt };
    const free: Condition = {
      any: [{ absent: 'pk' }, { attribute: 'expiresAt', is: '<=', value: Math.floor(now / 1000) }],
    };
    if (await table.put(at, first, free)) return { claim: first, isRepeat: false };

    const item = await table.get(at);
    // Given up, or expired, between the two calls.
    if (!item) continue;
    found = ClaimSchema.parse(item);
    if (found.fingerprint !== wanted.fingerprint) throw reused();
    if (found.kept !== undefined) return { claim: found, isRepeat: true };
    if (isHeld(found, now)) throw underWay(found, now);
    const before: Condition = {
      all: [
        { attribute: 'leaseUntil', is: '=', value: found.leaseUntil },
        { attribute: 'fingerprint', is: '=', value: found.fingerprint },
        { absent: 'kept' },
      ],
    };
    const claimed = await table.update(at, { set: { leaseUntil } }, before);
    if (claimed) return { claim: ClaimSchema.parse(claimed), isRepeat: true };
  }
  throw underWay(found, clock.now());
}

/** A lease that lies further ahead than one can was written by a clock that is wrong: it holds nobody up. */
const isHeld = ({ leaseUntil }: Claim, now: number) =>
  leaseUntil > now && leaseUntil <= now + IDEMPOTENCY_LEASE_MS + CLOCK_SKEW_MS;

/**
 * Lets go of a claim whose request failed: a refusal made nothing, and the key is as if it had never
 * been sent; of anything else nobody knows what was made, so the next one goes on under the same id.
 */
function release(ports: MakePorts, at: ItemKey, mine: Condition, error: unknown): Promise<void> {
  const isRefusal = error instanceof Problem && error.status < SERVER_ERROR;
  return noted(ports, () =>
    isRefusal
      ? ports.table.delete(at, mine)
      : ports.table.update(at, { set: { leaseUntil: 0 } }, mine),
  );
}

/** What cannot be noted is no reason to answer otherwise: whoever comes after the lease finds out. */
async function noted({ log }: MakePorts, write: () => Promise<unknown>): Promise<void> {
  try {
    await write();
  } catch (error) {
    log.warn('The outcome of a request with an idempotency key could not be noted.', { error });
  }
}

const reused = () =>
  new Problem(
    'IDEMPOTENCY_KEY_REUSED',
    'This Idempotency-Key came with another request to this route before. Send that very request, or make up a new key for this one.',
  );

/** What takes longer than this, in ms, was most likely killed. */
const USUAL_MS = 4_000;

/** To be asked again after as long as it has taken so far, from 1 s on; what takes too long, after its lease. */
function underWay(claim: Claim | undefined, now: number): Problem {
  const begunAt = claim ? claim.leaseUntil - IDEMPOTENCY_LEASE_MS : now;
  const soFar = now - begunAt;
  const waitMs = soFar < USUAL_MS ? Math.max(1_000, soFar) : begunAt + IDEMPOTENCY_LEASE_MS - now;
  return new Problem(
    'IDEMPOTENCY_CONFLICT',
    'A request with this Idempotency-Key is still being carried out. Send the same request again a little later: it will be answered with the outcome.',
    { retryAfterSeconds: waitMs / 1000 },
  );
}
