import { describe, expect, it } from 'vitest';
import {
  AT_ONCE,
  createMessageQueue,
  WAITING_MAX,
} from '../../../../local/apiGateway/webSocket/messageQueue.ts';

/** A client that sends as much as it is asked for, and a function that ends when it is told to. */
function given() {
  const running: { text: string; end: () => void }[] = [];
  const begun: string[] = [];
  let held = false;
  const queue = createMessageQueue({
    run(text) {
      begun.push(text);
      return new Promise((resolve) => running.push({ text, end: resolve }));
    },
    hold: () => (held = true),
    release: () => (held = false),
  });
  return { queue, running, begun, isHeld: () => held };
}

describe('the messages of a connection', () => {
  it('are run in their order, a few at a time, and all of them', async () => {
    const { queue, running, begun } = given();
    const sent = Array.from({ length: 50 }, (_, i) => String(i));
    for (const text of sent) queue.add(text);
    while (running.length > 0) {
      expect(running.length).toBeLessThanOrEqual(AT_ONCE);
      running.shift()?.end();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(begun).toEqual(sent);
  });

  it('make the client wait when many are waiting, until they are fewer', async () => {
    const { queue, running, isHeld } = given();
    let sent = 0;
    while (!isHeld()) queue.add(String(sent++));
    expect(sent).toBe(AT_ONCE + WAITING_MAX);
    let ended = 0;
    while (isHeld()) {
      running.shift()?.end();
      ended++;
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(ended).toBe(WAITING_MAX / 2);
  });
});
