/** What every implementation of the connections port does: run over the fake and over the adapter. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Connections } from '../../../shared/ports.ts';

export interface ConnectionsFixture {
  readonly connections: Connections;
  /** Lets a client connect; its connection's id. */
  connect(): Promise<string>;
  /** What the client of a connection was sent, once it is so many messages. */
  received(connectionId: string, count: number): Promise<string[]>;
  /** The client leaves. */
  leave(connectionId: string): Promise<void>;
  /** From now on nobody answers for the connections. */
  breakDown(): Promise<void>;
  close(): Promise<void>;
}

const KiB = 1024;

export function connectionsSuite(name: string, open: () => Promise<ConnectionsFixture>) {
  describe(`the connections port, ${name}`, () => {
    let fixture: ConnectionsFixture;
    beforeEach(async () => {
      fixture = await open();
    });
    afterEach(() => fixture.close());

    it('sends to the client that is meant, in the order of the calls', async () => {
      const { connections } = fixture;
      const one = await fixture.connect();
      const other = await fixture.connect();
      for (const message of ['{"a":"é王"}', '2', '']) {
        expect(await connections.send(one, message)).toBe('sent');
      }
      expect(await connections.send(other, 'x')).toBe('sent');
      expect(await fixture.received(one, 3)).toEqual(['{"a":"é王"}', '2', '']);
      expect(await fixture.received(other, 1)).toEqual(['x']);
    });

    it('sends to many clients at the same time', async () => {
      const ids: string[] = [];
      for (let i = 0; i < 20; i++) ids.push(await fixture.connect());
      const outcomes = await Promise.all(ids.map((id) => fixture.connections.send(id, id)));
      expect(new Set(outcomes)).toEqual(new Set(['sent']));
      for (const id of ids) expect(await fixture.received(id, 1)).toEqual([id]);
    });

    it('tells that a client has left, or was never there', async () => {
      const id = await fixture.connect();
      await fixture.leave(id);
      expect(await fixture.connections.send(id, 'x')).toBe('gone');
    });

    it('sends 128 KiB, and refuses more for good', async () => {
      const id = await fixture.connect();
      const most = 'é'.repeat(64 * KiB);
      expect(await fixture.connections.send(id, most)).toBe('sent');
      expect(await fixture.received(id, 1)).toEqual([most]);
      await expect(fixture.connections.send(id, `${most}x`)).rejects.toMatchObject({
        name: 'PayloadTooLargeException',
      });
      expect(await fixture.connections.send(id, 'after')).toBe('sent');
    });

    it('raises what may pass when nobody answers', async () => {
      const id = await fixture.connect();
      await fixture.connections.send(id, 'before');
      await fixture.breakDown();
      await expect(fixture.connections.send(id, 'x')).rejects.toMatchObject({
        name: 'ServiceUnavailable',
      });
    });
  });
}
