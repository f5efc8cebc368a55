/** REQUEST authorizers of a WebSocket API: asked once, when a client connects. */
import { z } from 'zod';
import { compilePermissions } from '../../iam/permissions.ts';
import { invokeWithin, type Invoke } from '../../lambda/invoke.ts';
import type { Authorizer } from '../../cloudFormation/gateways.ts';
import { monotonicNow } from '../../time.ts';
import {
  authorizerEvent,
  connectArn,
  type AuthorizerContext,
  type ConnectionFacts,
  type Handshake,
} from './socketEvents.ts';

export type ConnectAuthorization =
  | { readonly status: 200; readonly context: AuthorizerContext }
  | { readonly status: 401 | 403 | 500 };

const AnswerSchema = z.object({
  principalId: z.string(),
  policyDocument: z.unknown(),
  context: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).nullish(),
});

/** API Gateway waits this long for an authorizer. */
const TIMEOUT_MS = 10_000;

/** Whether a client may connect. */
export async function authorizeConnect(
  authorizer: Authorizer,
  invoke: Invoke,
  connection: ConnectionFacts,
  handshake: Handshake,
): Promise<ConnectAuthorization> {
  // Without every identity source the function is not even asked.
  if (!authorizer.identitySources.every((source) => hasIdentity(source, handshake))) {
    return { status: 401 };
  }
  const startedAt = monotonicNow();
  const event = JSON.stringify(authorizerEvent(connection, handshake));
  const result = await invokeWithin(TIMEOUT_MS, invoke, authorizer.functionArn, event);
  if (!result) return { status: 500 };
  // The one error by which an authorizer can refuse.
  if (!result.ok) return { status: result.error.errorMessage === 'Unauthorized' ? 401 : 500 };
  const answer = AnswerSchema.safeParse(JSON.parse(result.payload));
  if (!answer.success) return { status: 500 };
  const { principalId, policyDocument, context } = answer.data;
  const allowed = allowsConnect(policyDocument, connection);
  if (allowed === undefined) return { status: 500 };
  if (!allowed) return { status: 403 };
  const texts = Object.entries(context ?? {}).map(([name, value]) => [name, String(value)]);
  return {
    status: 200,
    context: {
      principalId,
      ...(Object.fromEntries(texts) as Record<string, string>),
      integrationLatency: Math.round(monotonicNow() - startedAt),
    },
  };
}

/** What the policy says of connecting; undefined when it is none that can be read. */
function allowsConnect(policyDocument: unknown, connection: ConnectionFacts): boolean | undefined {
  try {
    const permissions = compilePermissions({ caller: [policyDocument] });
    return permissions.allows('caller', 'execute-api:Invoke', connectArn(connection));
  } catch {
    return undefined;
  }
}

function hasIdentity(source: string, { headers, query }: Handshake): boolean {
  const [, place, name = ''] = /^route\.request\.(header|querystring)\.(.+)$/.exec(source) ?? [];
  if (place === 'querystring') return (query[name] ?? '') !== '';
  if (place !== 'header') return false;
  return Object.entries(headers).some(
    ([header, value]) => header.toLowerCase() === name.toLowerCase() && value !== '',
  );
}
