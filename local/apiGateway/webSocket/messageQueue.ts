/** The messages of one connection: a few at a time, so that no client takes the turns of others. */

export interface MessageQueue {
  /** Takes a message in; what is taken in is run, after the connection has closed too. */
  add(text: string): void;
}

export interface MessageQueueOptions {
  /** Passes a message on; never rejects. */
  readonly run: (text: string) => Promise<void>;
  /** Asks for no more messages, as enough are waiting. */
  readonly hold: () => void;
  /** Asks for messages again. */
  readonly release: () => void;
}

/**
 * Messages of a connection whose function runs at once. Functions of a gateway have several instances
 * (lambda/functionPool.ts): one client can keep no more than these busy, whatever it sends.
 */
export const AT_ONCE = 2;
/** Messages that wait before the client is made to wait: its socket is not read. */
export const WAITING_MAX = 16;

export function createMessageQueue({ run, hold, release }: MessageQueueOptions): MessageQueue {
  const waiting: string[] = [];
  let running = 0;
  let held = false;

  const next = () => {
    const text = running < AT_ONCE ? waiting.shift() : undefined;
    if (text !== undefined) {
      running++;
      void run(text).finally(() => {
        running--;
        next();
      });
    }
    if (held && waiting.length <= WAITING_MAX / 2) {
      held = false;
      release();
    }
  };

  return {
    add(text) {
      waiting.push(text);
      if (waiting.length >= WAITING_MAX && !held) {
        held = true;
        hold();
      }
      next();
    },
  };
}
