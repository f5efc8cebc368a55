import { describe, expect, it } from 'vitest';
import { findOwner } from '../../../shared/access/apiKeys.ts';
import { hashSecret } from '../../../shared/access/secrets.ts';
import { issueTicket, redeemTicket } from '../../../shared/access/tickets.ts';
import { tableKeys } from '../../../shared/keys.ts';
import { TICKET_SECONDS } from '../../../shared/limits.ts';
import { createMemoryPorts } from '../../support/memoryPorts.ts';

const KEY = 'sk_0123456789abcdef0123456789abcdef';

async function portsWithKey() {
  const ports = createMemoryPorts();
  const keyHash = hashSecret(KEY);
  await ports.table.put(tableKeys.apiKey(keyHash), {
    ownerId: 'owner-a',
    keyHash,
    name: 'test',
    createdAt: 0,
  });
  return ports;
}

describe('API keys', () => {
  it('name their owner', async () => {
    expect(await findOwner(await portsWithKey(), `Bearer ${KEY}`)).toBe('owner-a');
  });

  it.each([
    undefined,
    '',
    KEY,
    `Basic ${KEY}`,
    `Bearer ${KEY}x`,
    `Bearer ${KEY} extra`,
    'Bearer ',
    `Bearer ${'x'.repeat(10_000)}`,
  ])('are not found in %j', async (header) => {
    expect(await findOwner(await portsWithKey(), header)).toBeUndefined();
  });
});

describe('tickets', () => {
  const ticketOf = (url: string) => new URL(url).searchParams.get('ticket') ?? undefined;

  it('open one connection', async () => {
    const ports = createMemoryPorts();
    const ticket = ticketOf((await issueTicket(ports, 'owner-a')).url);
    expect(await redeemTicket(ports, ticket)).toBe('owner-a');
    expect(await redeemTicket(ports, ticket)).toBeUndefined();
  });

  it('take one call, as every watcher of a small task waits for it', async () => {
    const ports = createMemoryPorts();
    const ticket = ticketOf((await issueTicket(ports, 'owner-a')).url);
    const before = { ...ports.table.calls };
    await redeemTicket(ports, ticket);
    expect(ports.table.calls).toEqual({ ...before, update: before.update + 1 });
  });

  it('open one connection even when two use it at the same time', async () => {
    const ports = createMemoryPorts();
    const ticket = ticketOf((await issueTicket(ports, 'owner-a')).url);
    const owners = await Promise.all([redeemTicket(ports, ticket), redeemTicket(ports, ticket)]);
    expect(owners.filter((owner) => owner !== undefined)).toEqual(['owner-a']);
  });

  it('expire', async () => {
    const ports = createMemoryPorts();
    const ticket = ticketOf((await issueTicket(ports, 'owner-a')).url);
    ports.clock.advance((TICKET_SECONDS + 1) * 1000);
    expect(await redeemTicket(ports, ticket)).toBeUndefined();
  });

  it('are not stored, only their hash', async () => {
    const ports = createMemoryPorts();
    const ticket = ticketOf((await issueTicket(ports, 'owner-a')).url) ?? '';
    expect(await ports.table.get(tableKeys.ticket(hashSecret(ticket)))).toBeDefined();
    expect(await ports.table.get(tableKeys.ticket(ticket))).toBeUndefined();
  });
});
