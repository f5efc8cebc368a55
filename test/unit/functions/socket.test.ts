import { describe, expect, it } from 'vitest';
import { socket } from '../../../functions/runtime/socket.ts';
import { tableKeys } from '../../../shared/keys.ts';
import { connect, disconnect, receive } from '../../../shared/stream/receive.ts';
import { ServerMessageSchema } from '../../../shared/schemas/stream.ts';
import { lambdaContext, socketEvent } from '../../support/gatewayEvents.ts';
import { createMemoryPorts, type MemoryPorts } from '../../support/memoryPorts.ts';

const CONNECTION_ID = 'BFHPhfCWIAMCKlQ=';
const context = lambdaContext();

const repliesOf = ({ connections }: MemoryPorts) =>
  connections.sent.map(({ message }) => ServerMessageSchema.parse(JSON.parse(message)));

describe('socket', () => {
  it('notes a connection, answers its messages, forgets it', async () => {
    const ports = createMemoryPorts();
    const handler = socket({ ports, connect, disconnect, receive });
    const item = () => ports.table.get(tableKeys.connection(CONNECTION_ID));

    expect(await handler(socketEvent('CONNECT'), context)).toEqual({ statusCode: 200 });
    expect(await item()).toMatchObject({ ownerId: 'owner-a' });

    const ping = socketEvent('MESSAGE', { body: '{"action":"ping"}' });
    expect(await handler(ping, context)).toEqual({ statusCode: 200 });
    expect(ports.connections.sent[0]?.connectionId).toBe(CONNECTION_ID);
    expect(repliesOf(ports)).toMatchObject([{ type: 'pong' }]);

    expect(await handler(socketEvent('DISCONNECT'), context)).toEqual({ statusCode: 200 });
    expect(await item()).toBeUndefined();
  });

  it.each(['garbage', '', '[]', 'null', '{"action":"fly"}', '\u0000'])(
    'answers the message %j with an error and stays open',
    async (body) => {
      const ports = createMemoryPorts();
      const handler = socket({ ports, connect, disconnect, receive });
      const answered = await handler(socketEvent('MESSAGE', { body }), context);
      expect(answered).toEqual({ statusCode: 200 });
      expect(repliesOf(ports)).toMatchObject([
        { type: 'error', payload: { code: 'VALIDATION_ERROR' } },
      ]);
    },
  );

  const broken = (ports: MemoryPorts) => {
    const fail = async () => {
      throw new Error('Ada Lovelace');
    };
    return socket({ ports, connect: fail, disconnect: fail, receive: fail });
  };

  it('tells a client whose message failed of the request, and of nothing else', async () => {
    const ports = createMemoryPorts();
    const message = socketEvent('MESSAGE', { body: '{}' });
    expect(await broken(ports)(message, context)).toEqual({ statusCode: 500 });
    expect(repliesOf(ports)).toMatchObject([{ type: 'error', payload: { code: 'INTERNAL' } }]);
    const [sent] = ports.connections.sent;
    expect(sent?.message).toContain('BFHPhFe3IAMF95g=');
    expect(sent?.message).not.toContain('Ada');
    expect(ports.log.entries).toHaveLength(1);
  });

  it('refuses a connection that it could not note, to which nothing can be sent yet', async () => {
    const ports = createMemoryPorts();
    expect(await broken(ports)(socketEvent('CONNECT'), context)).toEqual({ statusCode: 500 });
    expect(ports.connections.sent).toEqual([]);
  });

  it('refuses a connection without an owner', async () => {
    const ports = createMemoryPorts();
    const handler = socket({ ports, connect, disconnect, receive });
    const event = socketEvent('CONNECT', { ownerId: '' });
    expect(await handler(event, context)).toEqual({ statusCode: 500 });
  });
});
