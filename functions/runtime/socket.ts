/** The wrapper of the function behind the WebSocket API (API Gateway). */
import type { Context } from 'aws-lambda';
import * as z from 'zod';
import type { Clock, Connections, Log } from '../../shared/ports.ts';
import type { Reply } from '../../shared/schemas/stream.ts';
import { withInvocation } from './invocation.ts';

const connection = { connectionId: z.string().min(1), requestId: z.string() };
/** What the authorizer put into the connection's context; the gateway repeats it with each message. */
const authorizer = z.object({ ownerId: z.string().min(1) });

/** The fields of the event that are read. */
const SocketEventSchema = z.object({
  requestContext: z.discriminatedUnion('eventType', [
    z.object({ eventType: z.literal('CONNECT'), ...connection, authorizer }),
    z.object({ eventType: z.literal('MESSAGE'), ...connection, authorizer }),
    z.object({ eventType: z.literal('DISCONNECT'), ...connection }),
  ]),
  body: z.string().default(''),
});
type SocketEvent = z.output<typeof SocketEventSchema>;

interface SocketPorts {
  readonly connections: Connections;
  readonly clock: Clock;
  readonly log: Log;
}

interface Socket<P> {
  readonly ports: P;
  connect(ports: NoInfer<P>, client: { connectionId: string; ownerId: string }): Promise<void>;
  disconnect(ports: NoInfer<P>, connectionId: string): Promise<void>;
  receive(
    ports: NoInfer<P>,
    message: { connectionId: string; ownerId: string; body: string },
  ): Promise<void>;
}

/**
 * A handler that passes each event on by its type. 200 accepts a connection; for a failure the
 * connection is refused, and a message is answered by an error that names the request.
 */
export function socket<P extends SocketPorts>(
  definition: Socket<P>,
): (event: unknown, context: Context) => Promise<{ statusCode: number }> {
  return (event, context) =>
    withInvocation(context, async () => {
      const parsed = SocketEventSchema.safeParse(event);
      try {
        await pass(definition, SocketEventSchema.parse(event));
        return { statusCode: 200 };
      } catch (error) {
        definition.ports.log.error('The event failed for an unknown reason.', { error });
        if (parsed.data?.requestContext.eventType === 'MESSAGE') {
          await tellFailure(definition.ports, parsed.data);
        }
        return { statusCode: 500 };
      }
    });
}

async function pass<P extends SocketPorts>(to: Socket<P>, event: SocketEvent): Promise<void> {
  const { requestContext: client, body } = event;
  const { connectionId } = client;
  switch (client.eventType) {
    case 'CONNECT':
      return to.connect(to.ports, { connectionId, ownerId: client.authorizer.ownerId });
    case 'MESSAGE':
      return to.receive(to.ports, { connectionId, ownerId: client.authorizer.ownerId, body });
    case 'DISCONNECT':
      return to.disconnect(to.ports, connectionId);
  }
}

async function tellFailure(
  { connections, clock, log }: SocketPorts,
  { requestContext: { connectionId, requestId } }: SocketEvent,
): Promise<void> {
  const reply: Reply = {
    type: 'error',
    at: new Date(clock.now()).toISOString(),
    payload: {
      code: 'INTERNAL',
      message: `Something went wrong on our side. Try again; if it stays, report request ${requestId}.`,
    },
  };
  try {
    await connections.send(connectionId, JSON.stringify(reply));
  } catch (error) {
    log.warn('The client could not be told.', { error });
  }
}
