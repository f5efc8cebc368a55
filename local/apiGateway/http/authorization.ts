/** Lambda authorizers of an HTTP API (payload format 2.0). */
import { z } from 'zod';
import { invokeWithin, type Invoke } from '../../lambda/invoke.ts';
import type { Authorizer } from '../../cloudFormation/gateways.ts';
import {
  LOCAL_ACCOUNT,
  LOCAL_PARTITION,
  LOCAL_REGION,
} from '../../cloudFormation/resourceTypes.ts';
import { authorizerEvent, type RequestFacts } from './requestEvent.ts';

export type Authorization =
  | { readonly outcome: 'allowed'; /** What the authorizer says of the caller. */ context: unknown }
  | { readonly outcome: 'unauthorized' | 'forbidden' | 'broken' };

const SimpleAnswerSchema = z.object({
  isAuthorized: z.boolean(),
  context: z.record(z.string(), z.json()).nullish(),
});

/** Answers that are remembered; the oldest are forgotten first. */
const MAX_REMEMBERED = 10_000;

/** API Gateway waits this long for an authorizer. */
const TIMEOUT_MS = 10_000;

/**
 * @returns a function that judges one request
 * @throws when the authorizer answers with IAM policies, which only WebSocket APIs have here
 */
export function createAuthorization(
  authorizer: Authorizer,
  invoke: Invoke,
): (facts: RequestFacts) => Promise<Authorization> {
  if (!authorizer.simpleResponses) {
    throw new Error(
      'An authorizer of the HTTP API answers with IAM policies; the local cloud knows simple responses.',
    );
  }
  // The identity sources alone are the key: one answer serves every route of this authorizer.
  const remembered = new Map<string, { authorization: Authorization; until: number }>();

  const ask = async (facts: RequestFacts, identity: readonly string[]): Promise<Authorization> => {
    const event = JSON.stringify(authorizerEvent(facts, routeArn(facts), identity));
    const result = await invokeWithin(TIMEOUT_MS, invoke, authorizer.functionArn, event);
    return result?.ok ? readAnswer(result.payload) : { outcome: 'broken' };
  };

  return async (facts) => {
    const identity = authorizer.identitySources.map((source) => identityOf(source, facts));
    // Without every identity source the function is not even asked.
    if (!identity.every((value) => value !== undefined)) return { outcome: 'unauthorized' };
    const key = JSON.stringify(identity);
    const known = remembered.get(key);
    if (known && known.until > facts.now) return known.authorization;

    const authorization = await ask(facts, identity);
    if (authorizer.cacheSeconds > 0 && identity.length > 0 && authorization.outcome !== 'broken') {
      remembered.delete(key);
      remembered.set(key, { authorization, until: facts.now + authorizer.cacheSeconds * 1000 });
      const oldest = remembered.keys().next();
      if (remembered.size > MAX_REMEMBERED && !oldest.done) remembered.delete(oldest.value);
    }
    return authorization;
  };
}

function readAnswer(payload: string): Authorization {
  const answer = SimpleAnswerSchema.safeParse(JSON.parse(payload));
  if (!answer.success) return { outcome: 'broken' };
  const { isAuthorized, context } = answer.data;
  return isAuthorized ? { outcome: 'allowed', context: context ?? {} } : { outcome: 'forbidden' };
}

/** A value that the request must carry; undefined when it does not. */
function identityOf(source: string, facts: RequestFacts): string | undefined {
  const [, place, name = ''] =
    /^\$(request\.header|request\.querystring|context)\.(.+)$/.exec(source) ?? [];
  const values: Record<string, string | undefined> = {
    'request.header': facts.headers[name.toLowerCase()],
    'request.querystring': facts.query[name],
    context: { routeKey: facts.routeKey, stage: facts.stage }[name],
  };
  const value = values[place ?? ''];
  return value === '' ? undefined : value;
}

const routeArn = ({ apiId, stage, request, rawPath }: RequestFacts) =>
  `arn:${LOCAL_PARTITION}:execute-api:${LOCAL_REGION}:${LOCAL_ACCOUNT}:${apiId}/${stage}/${request.method}${rawPath}`;
