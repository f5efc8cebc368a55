/** How events come, or that they do not: seen by a mark at once, told when it stays lost and when it is found. */
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Liveness } from '../app/follow.ts';
import { useCommon } from '../app/app.ts';

/** A connection that is there again so soon was not missed by anybody. */
const PATIENCE_MS = 2_000;

export function LivenessMark({
  liveness,
}: {
  readonly liveness: Liveness | undefined;
}): JSX.Element | null {
  const { texts, announce, tell } = useCommon();
  const wasOpen = useRef(false);
  const wasLost = useRef(false);
  const isOpen = typeof liveness === 'object' && liveness.isOpen;
  useEffect(() => {
    if (isOpen) {
      if (wasLost.current) tell(texts.connection.back);
      wasLost.current = false;
      wasOpen.current = true;
      return undefined;
    }
    if (!wasOpen.current || liveness === undefined) return undefined;
    const timer = setTimeout(() => {
      wasLost.current = true;
      announce(texts.connection.offline);
    }, PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [isOpen, liveness === undefined]);
  if (liveness === undefined) return null;
  return (
    <span class={`liveness ${isOpen ? 'open' : 'lost'}`}>
      <span class="dot" aria-hidden="true" />
      {wordOf()}
    </span>
  );

  function wordOf(): string {
    const { connection } = texts;
    if (liveness === 'offline' || liveness === undefined) return connection.offline;
    if (!liveness.isOpen) return wasOpen.current ? connection.again : connection.connecting;
    const words = {
      socket: connection.live,
      stream: connection.stream,
      polling: connection.polling,
    };
    return words[liveness.transport];
  }
}
