/** A receiver of webhooks that fails while it is told to, and knows what it took. */
import type { ServerResponse } from 'node:http';
import { startReceiver } from '../../support/webhookReceiver.ts';
import type { ReceivedRequest } from '../invariants/webhooks.ts';
import type { Dice } from '../random.ts';

export interface HookReceiver {
  url(name: string): string;
  /** What came for a name, in order. */
  received(name: string): ReceivedRequest[];
  /** From now on this share of the requests is refused, or cut off. */
  fail(share: number): void;
  close(): Promise<void>;
}

/** @param names of which each has an address of its own */
export async function openHookReceiver(
  names: readonly string[],
  dice: Dice,
): Promise<HookReceiver> {
  const taken = new Map(names.map((name): [string, boolean[]] => [`/${name}`, []]));
  let failures = 0;
  const answers = Object.fromEntries(
    names.map((name) => [
      `/${name}`,
      (response: ServerResponse, count: number) => {
        const fails = dice.happens(failures);
        const outcomes = taken.get(`/${name}`) ?? [];
        outcomes[count - 1] = !fails;
        if (!fails) response.writeHead(204).end();
        else if (dice.happens(0.5)) response.writeHead(503).end();
        else response.destroy();
      },
    ]),
  );
  const receiver = await startReceiver(answers);
  return {
    url: (name) => receiver.url(`/${name}`),
    received: (name) =>
      receiver.received(`/${name}`).map(({ headers, body }, index) => ({
        id: String(headers['webhook-id']),
        type: /"type":"(\w+)"/.exec(body)?.[1] ?? '',
        taken: taken.get(`/${name}`)?.[index] ?? false,
        body,
      })),
    fail: (share) => void (failures = share),
    close: () => receiver.close(),
  };
}
