/** Connections: whose they are, how many, and that no crash leaves one without its secret, or a secret for good. */
import { describe, expect, it } from 'vitest';
import { newCreation } from '../../../shared/creation.ts';
import { tableKeys } from '../../../shared/keys.ts';
import { MAX_CONNECTIONS, NOTE_GRACE_MS, SECOND_DELETION_SECONDS } from '../../../shared/limits.ts';
import type { Ports } from '../../../shared/ports.ts';
import { PaceSchema } from '../../../shared/schemas/rateLimit.ts';
import type { ConnectionView } from '../../../shared/schemas/serviceConnectionApi.ts';
import {
  deleteConnection,
  getConnection,
  listConnections,
} from '../../../shared/serviceConnections/connections.ts';
import { findConnection } from '../../../shared/serviceConnections/connectionStore.ts';
import { sweepConnections } from '../../../shared/serviceConnections/sweepConnections.ts';
import { createMemoryPorts, type MemoryPorts } from '../../support/memoryPorts.ts';
import { mortalPorts } from '../../support/mortalPorts.ts';
import { OWNER } from '../../support/tasks.ts';
import { BASE, givenConnection, MARKER } from './support.ts';

const STRANGER = 'owner-b';
const ALL = { limit: 100 };

const listed = async (ports: Ports, ownerId = OWNER) =>
  (await listConnections(ports, ownerId, ALL)).data;

const sweep = (ports: Ports, untilMs = Number.POSITIVE_INFINITY) =>
  sweepConnections(ports, { untilMs });

/** Lets so much time pass, and the sweeper come. */
async function after(ports: MemoryPorts, ms: number) {
  ports.clock.advance(ms);
  await sweep(ports);
}
const DAY_MS = 86_400_000;

/** The secret that a connection of the list names. */
async function secretOf(
  ports: MemoryPorts,
  { connectionId }: Pick<ConnectionView, 'connectionId'>,
) {
  const { secretName = '' } = (await findConnection(ports, OWNER, connectionId)) ?? {};
  return ports.connectionSecrets.kept.get(secretName);
}

const notFound = { code: 'NOT_FOUND', message: /It may have been deleted/ };

describe('a connection', () => {
  it('is told with the names of its secret headers, whose values lie elsewhere', async () => {
    const ports = createMemoryPorts();
    const made = await givenConnection(ports, {
      headers: { Accept: 'application/json' },
      rateLimit: { perSecond: 5 },
      pricePerCallUsd: 0.02,
    });
    expect(made).toEqual({
      connectionId: expect.stringMatching(/^conn_/) as string,
      name: 'Dify',
      baseUrl: BASE,
      headers: { accept: 'application/json' },
      secretHeaders: ['authorization'],
      rateLimit: { perSecond: 5, concurrent: 100 },
      pricePerCallUsd: 0.02,
      createdAt: '2026-01-01T00:00:00.000Z',
    });
    expect(await listed(ports)).toEqual([made]);
    expect(await getConnection(ports, OWNER, made.connectionId)).toEqual(made);
    expect(await secretOf(ports, made)).toEqual({ authorization: `Bearer ${MARKER}` });
    expect(JSON.stringify([ports.table.items(), ports.log.entries])).not.toContain(MARKER);
  });

  it('without secret headers has no secret, which would cost', async () => {
    const ports = createMemoryPorts();
    const made = await givenConnection(ports, { secretHeaders: undefined });
    expect(made).toMatchObject({ secretHeaders: [], rateLimit: null, pricePerCallUsd: null });
    expect(ports.connectionSecrets.kept.size).toBe(0);
    await deleteConnection(ports, OWNER, made.connectionId);
    await after(ports, DAY_MS);
    expect(ports.table.items()).toEqual([]);
  });

  it('is its owner’s alone', async () => {
    const ports = createMemoryPorts();
    const { connectionId } = await givenConnection(ports);
    expect(await listed(ports, STRANGER)).toEqual([]);
    await expect(getConnection(ports, STRANGER, connectionId)).rejects.toMatchObject(notFound);
    await expect(deleteConnection(ports, STRANGER, connectionId)).rejects.toMatchObject(notFound);
    expect(await secretOf(ports, { connectionId })).toBeDefined();
    expect(await listed(ports)).toHaveLength(1);
  });

  it('goes with its secret, and in time with its pace and every note', async () => {
    const ports = createMemoryPorts();
    const { connectionId } = await givenConnection(ports);
    await ports.table.put(tableKeys.pace(connectionId), PaceSchema.parse({}));
    await after(ports, DAY_MS);
    expect(await ports.table.get(tableKeys.pace(connectionId))).toBeDefined();
    await deleteConnection(ports, OWNER, connectionId);
    expect(ports.connectionSecrets.kept.size).toBe(0);
    await expect(getConnection(ports, OWNER, connectionId)).rejects.toMatchObject(notFound);
    await expect(deleteConnection(ports, OWNER, connectionId)).rejects.toMatchObject(notFound);
    expect(ports.table.items().map(({ pk }) => pk)).toContain(`PACE#${connectionId}`);
    await after(ports, (SECOND_DELETION_SECONDS + 1) * 1_000);
    expect(ports.table.items()).toEqual([]);
  });

  it('is one of so many at most, however many are made at the same time', async () => {
    const ports = createMemoryPorts();
    const tries = Array.from({ length: MAX_CONNECTIONS + 20 }, () =>
      givenConnection(ports).then(
        () => true,
        (error: unknown) => {
          expect(error).toMatchObject({ code: 'LIMIT_EXCEEDED', message: /Delete one first/ });
          return false;
        },
      ),
    );
    const made = (await Promise.all(tries)).filter(Boolean).length;
    expect(made).toBeLessThanOrEqual(MAX_CONNECTIONS);
    for (let i = made; i < MAX_CONNECTIONS; i++) await givenConnection(ports);
    const { size } = ports.connectionSecrets.kept;
    expect(size).toBe(MAX_CONNECTIONS);
    await expect(givenConnection(ports)).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
    expect(ports.connectionSecrets.kept.size).toBe(size);
    await givenConnection(ports, {}, { ownerId: STRANGER });
    const [last] = await listed(ports);
    await deleteConnection(ports, OWNER, last?.connectionId ?? '');
    await givenConnection(ports);
    expect(await listed(ports)).toHaveLength(MAX_CONNECTIONS);
  });

  it('is listed page by page, newest first', async () => {
    const ports = createMemoryPorts();
    for (let i = 0; i < 5; i++) {
      ports.clock.advance(1_000);
      await givenConnection(ports, { name: `${i}` });
    }
    const names: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await listConnections(ports, OWNER, { limit: 2, cursor });
      names.push(...page.data.map(({ name }) => name));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(names).toEqual(['4', '3', '2', '1', '0']);
  });
});

describe.each(['before', 'behind'] as const)('a process that is killed %s a call', (when) => {
  it('while it makes a connection leaves none without its secret, and no secret for good', async () => {
    for (let at = 1; ; at++) {
      const ports = createMemoryPorts();
      const other = await givenConnection(ports, { name: 'Other' });
      const victim = mortalPorts(ports, at, when);
      const creation = newCreation('connection', ports);
      const tried = await givenConnection(victim.ports, {}, { creation }).catch(() => undefined);
      for (const connection of await listed(ports)) {
        expect([at, await secretOf(ports, connection)]).not.toEqual([at, undefined]);
      }
      // At once, or a little before or after the sweeper would come for what was left.
      for (const wait of [0, NOTE_GRACE_MS - 1_000, 2_000]) await after(ports, wait);
      if (!victim.isDead()) {
        expect(tried).toBeDefined();
        expect(at).toBeGreaterThan(5);
        break;
      }
      const there = await listed(ports);
      expect([at, ports.connectionSecrets.kept.size]).toEqual([at, there.length]);
      // Whoever goes on under the same id makes it, or finds it.
      const again = await givenConnection(ports, {}, { creation: { ...creation, isRepeat: true } });
      expect(again.connectionId).toBe(creation.id);
      await after(ports, DAY_MS);
      expect((await listed(ports)).map(({ name }) => name).sort()).toEqual(['Dify', 'Other']);
      for (const connection of [again, other]) {
        expect([at, await secretOf(ports, connection)]).not.toEqual([at, undefined]);
      }
      expect([at, ports.connectionSecrets.kept.size]).toEqual([at, 2]);
    }
  });

  it('while it deletes one leaves it whole, or nothing of it', async () => {
    for (let at = 1; ; at++) {
      const ports = createMemoryPorts();
      const { connectionId } = await givenConnection(ports);
      await after(ports, DAY_MS);
      const victim = mortalPorts(ports, at, when);
      await deleteConnection(victim.ports, OWNER, connectionId).catch(() => undefined);
      const [there] = await listed(ports);
      if (there) expect([at, await secretOf(ports, there)]).not.toEqual([at, undefined]);
      await after(ports, DAY_MS);
      if (there) {
        expect([at, await secretOf(ports, there)]).not.toEqual([at, undefined]);
        await deleteConnection(ports, OWNER, connectionId);
        await after(ports, DAY_MS);
      }
      expect([at, ports.table.items(), ports.connectionSecrets.kept.size]).toEqual([at, [], 0]);
      if (!victim.isDead()) {
        expect(at).toBeGreaterThan(3);
        break;
      }
    }
  });

  it('while it sweeps is no matter', async () => {
    for (let at = 1; ; at++) {
      const ports = createMemoryPorts();
      const kept = await givenConnection(ports);
      const gone = await givenConnection(ports);
      await deleteConnection(
        { ...ports, connectionSecrets: { forget: () => Promise.reject(new Error('away')) } },
        OWNER,
        gone.connectionId,
      );
      expect(ports.connectionSecrets.kept.size).toBe(2);
      ports.clock.advance(DAY_MS);
      const victim = mortalPorts(ports, at, when);
      await sweep(victim.ports).catch(() => undefined);
      await sweep(ports);
      expect([at, await listed(ports)]).toEqual([at, [kept]]);
      expect(await secretOf(ports, kept)).toBeDefined();
      expect([at, ports.connectionSecrets.kept.size, ports.table.items().length]).toEqual([
        at,
        1,
        1,
      ]);
      if (!victim.isDead()) break;
    }
  });
});

describe('two tries at the same connection', () => {
  it('that overlap make one, with a secret of its own; the other secret goes in time', async () => {
    const ports = createMemoryPorts();
    const creation = newCreation('connection', ports);
    let goOn = () => {};
    const slow = new Promise<void>((resolve) => (goOn = resolve));
    const late: Ports = {
      ...ports,
      connectionSecrets: {
        ...ports.connectionSecrets,
        keep: async (...call) => {
          await ports.connectionSecrets.keep(...call);
          await slow;
        },
      },
    };
    const first = givenConnection(late, {}, { creation });
    const second = await givenConnection(ports, {}, { creation: { ...creation, isRepeat: true } });
    goOn();
    expect(await first).toEqual(second);
    expect(ports.connectionSecrets.kept.size).toBe(2);
    await after(ports, DAY_MS);
    expect(ports.connectionSecrets.kept.size).toBe(1);
    expect(await secretOf(ports, second)).toBeDefined();
  });
});

describe('a secret that cannot be kept or forgotten', () => {
  it('makes no connection', async () => {
    const ports = createMemoryPorts();
    const away = () => Promise.reject(new Error('away'));
    const connectionSecrets = { ...ports.connectionSecrets, keep: away };
    await expect(givenConnection({ ...ports, connectionSecrets })).rejects.toThrow('away');
    expect(await listed(ports)).toEqual([]);
    await after(ports, DAY_MS);
    expect(ports.table.items()).toEqual([]);
  });

  it('holds up no other, is logged without text, and is tried at every sweep', async () => {
    const ports = createMemoryPorts();
    const ids = [];
    for (let i = 0; i < 3; i++) ids.push((await givenConnection(ports)).connectionId);
    const stuck = (await findConnection(ports, OWNER, ids[0] ?? ''))?.secretName;
    const flaky: MemoryPorts = {
      ...ports,
      connectionSecrets: {
        ...ports.connectionSecrets,
        forget: (name) =>
          name === stuck ? Promise.reject(new Error(MARKER)) : ports.connectionSecrets.forget(name),
      },
    };
    for (const id of ids) await deleteConnection(flaky, OWNER, id);
    expect(ports.log.entries).toEqual([
      {
        level: 'warn',
        message: 'A secret is to be forgotten by the sweeper.',
        fields: { connectionId: ids[0], error: 'Error' },
      },
    ]);
    ports.clock.advance(DAY_MS);
    await expect(sweep(flaky)).rejects.toThrow('Not every secret was forgotten.');
    expect([...ports.connectionSecrets.kept.keys()]).toEqual([stuck]);
    await sweep(ports);
    expect([ports.table.items(), ports.connectionSecrets.kept.size]).toEqual([[], 0]);
  });

  it('is left to the next sweep when there is no time', async () => {
    const ports = createMemoryPorts();
    const { connectionId } = await givenConnection(ports);
    await deleteConnection(ports, OWNER, connectionId);
    ports.clock.advance(DAY_MS);
    await sweep(ports, ports.clock.monotonicMs());
    expect(ports.table.items()).toHaveLength(2);
    await sweep(ports);
    expect(ports.table.items()).toEqual([]);
  });
});
