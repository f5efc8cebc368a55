/** The wrappers of the two authorizers. They are in front of every call, so they load little. */
import type {
  APIGatewayAuthorizerResult,
  APIGatewaySimpleAuthorizerWithContextResult,
  Context,
} from 'aws-lambda';
import * as z from 'zod';
import type { Log } from '../../shared/ports.ts';
import { withoutData } from './errors.ts';
import { logInvocation } from './logging.ts';

const KeyEventSchema = z.object({ headers: z.record(z.string(), z.string()).default({}) });

type KeyResult = APIGatewaySimpleAuthorizerWithContextResult<{ ownerId?: string }>;

/**
 * A Lambda authorizer of the HTTP API (payload 2.0, simple response). Without an owner the gateway
 * answers 403; when the lookup itself fails, 500.
 * @param findOwner whose key the Authorization header holds, or undefined
 */
export function keyAuthorizer<P extends { log: Log }>(
  ports: P,
  findOwner: (ports: P, authorization: string | undefined) => Promise<string | undefined>,
): (event: unknown, context: Context) => Promise<KeyResult> {
  return async (event, context) => {
    logInvocation(context);
    const ownerId = await guarded(ports.log, () =>
      findOwner(ports, KeyEventSchema.parse(event).headers['authorization']),
    );
    return ownerId === undefined
      ? { isAuthorized: false, context: {} }
      : { isAuthorized: true, context: { ownerId } };
  };
}

const TicketEventSchema = z.object({
  methodArn: z.string(),
  queryStringParameters: z.object({ ticket: z.string().optional() }).nullish(),
});

/**
 * A REQUEST authorizer of the WebSocket API, which wants an IAM policy.
 * @param redeemTicket whose ticket it was, or undefined
 * @throws Error "Unauthorized", which the gateway answers with 401; anything else is its 500
 */
export function ticketAuthorizer<P extends { log: Log }>(
  ports: P,
  redeemTicket: (ports: P, ticket: string | undefined) => Promise<string | undefined>,
): (event: unknown, context: Context) => Promise<APIGatewayAuthorizerResult> {
  return async (event, context) => {
    logInvocation(context);
    const { ownerId, methodArn } = await guarded(ports.log, async () => {
      const { methodArn, queryStringParameters } = TicketEventSchema.parse(event);
      return { methodArn, ownerId: await redeemTicket(ports, queryStringParameters?.ticket) };
    });
    if (ownerId === undefined) throw new Error('Unauthorized');
    return {
      principalId: ownerId,
      policyDocument: {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: 'execute-api:Invoke', Resource: methodArn }],
      },
      context: { ownerId },
    };
  };
}

async function guarded<T>(log: Log, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    log.error('The authorizer failed.', { error });
    throw withoutData(error);
  }
}
