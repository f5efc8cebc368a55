import { describe, expect, it } from 'vitest';
import { keyAuthorizer, ticketAuthorizer } from '../../../functions/runtime/authorizer.ts';
import { findOwner } from '../../../shared/access/apiKeys.ts';
import { hashSecret } from '../../../shared/access/secrets.ts';
import { issueTicket, redeemTicket } from '../../../shared/access/tickets.ts';
import { tableKeys } from '../../../shared/keys.ts';
import {
  keyAuthorizerEvent,
  lambdaContext,
  ticketAuthorizerEvent,
} from '../../support/gatewayEvents.ts';
import { createMemoryPorts } from '../../support/memoryPorts.ts';

const KEY = 'sheaf_0123456789abcdef';
const context = lambdaContext();

async function portsWithKey() {
  const ports = createMemoryPorts();
  const keyHash = hashSecret(KEY);
  const item = { ownerId: 'owner-a', keyHash, name: 'test', createdAt: 0 };
  await ports.table.put(tableKeys.apiKey(keyHash), item);
  return ports;
}

describe('keyAuthorizer', () => {
  it('names the owner of a key', async () => {
    const authorize = keyAuthorizer(await portsWithKey(), findOwner);
    const result = await authorize(keyAuthorizerEvent(`Bearer ${KEY}`), context);
    expect(result).toEqual({ isAuthorized: true, context: { ownerId: 'owner-a' } });
  });

  it.each(['', KEY, `Basic ${KEY}`, `Bearer ${KEY}x`, 'Bearer ', `Bearer ${'x'.repeat(5_000)}`])(
    'lets nobody in by the header %j',
    async (header) => {
      const authorize = keyAuthorizer(await portsWithKey(), findOwner);
      const result = await authorize(keyAuthorizerEvent(header), context);
      expect(result).toEqual({ isAuthorized: false, context: {} });
    },
  );

  it('lets nobody in without a header', async () => {
    const authorize = keyAuthorizer(await portsWithKey(), findOwner);
    expect(await authorize({ type: 'REQUEST' }, context)).toMatchObject({ isAuthorized: false });
  });

  it('fails, without the key in the error or the log, when the table fails', async () => {
    const ports = createMemoryPorts();
    const authorize = keyAuthorizer(ports, async () => {
      throw new Error(`no item for ${KEY}`);
    });
    const error: unknown = await authorize(keyAuthorizerEvent(KEY), context).catch(
      (e: unknown) => e,
    );
    expect(error).toBeInstanceOf(Error);
    expect(String((error as Error).stack)).not.toContain(KEY);
    expect(ports.log.entries).toHaveLength(1);
  });
});

describe('ticketAuthorizer', () => {
  const ticketOf = (url: string) => new URL(url).searchParams.get('ticket') ?? '';

  it('lets a ticket in once, by a policy for the one method, with the owner as context', async () => {
    const ports = createMemoryPorts();
    const { url } = await issueTicket(ports, 'owner-a');
    const event = ticketAuthorizerEvent(ticketOf(url));
    const authorize = ticketAuthorizer(ports, redeemTicket);
    expect(await authorize(event, context)).toEqual({
      principalId: 'owner-a',
      policyDocument: {
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Action: 'execute-api:Invoke', Resource: event['methodArn'] },
        ],
      },
      context: { ownerId: 'owner-a' },
    });
    await expect(authorize(event, context)).rejects.toThrow(/^Unauthorized$/);
  });

  it.each([undefined, '', 'made-up', 'x'.repeat(5_000)])(
    'answers "Unauthorized", the word that the gateway turns into 401, for %j',
    async (ticket) => {
      const authorize = ticketAuthorizer(createMemoryPorts(), redeemTicket);
      const refused = authorize(ticketAuthorizerEvent(ticket), context);
      await expect(refused).rejects.toThrow(/^Unauthorized$/);
    },
  );

  it('does not say Unauthorized when the lookup fails', async () => {
    const authorize = ticketAuthorizer(createMemoryPorts(), async () => {
      throw new Error('down');
    });
    const failed = authorize(ticketAuthorizerEvent('made-up'), context);
    await expect(failed).rejects.not.toThrow(/Unauthorized|down/);
  });
});
