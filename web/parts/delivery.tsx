/** What became of a webhook, and how it is sent again. */
import type { JSX } from 'preact';
import type { DeliveryView } from '../../shared/schemas/webhookApi.ts';
import { useApp } from '../app/app.ts';
import { useDoing, useNow } from '../app/hooks.ts';
import { Button, ErrorNote } from './basics.tsx';

const TONES = { pending: 'busy', delivered: 'good', failed: 'bad' } as const;

export function DeliveryStatus({ status }: Pick<DeliveryView, 'status'>): JSX.Element {
  const words = useApp().texts.delivery;
  return <span class={`status ${TONES[status]}`}>{words.status[status]}</span>;
}

/** When it is tried next, where it is. */
export function NextAttempt({
  nextAttemptAt: at,
}: Pick<DeliveryView, 'nextAttemptAt'>): JSX.Element | null {
  const { texts, formats } = useApp();
  const now = useNow(10_000);
  return at === null ? null : <p class="hint">{texts.delivery.next(formats.ago(at, now))}</p>;
}

/** @param onReplayed told of the delivery as it is now */
export function Replay({
  taskId,
  deliveryId,
  onReplayed,
}: {
  readonly taskId: string;
  readonly deliveryId: string;
  readonly onReplayed: (delivery: DeliveryView) => void;
}): JSX.Element {
  const { texts, client, tell } = useApp();
  const words = texts.delivery;
  const doing = useDoing();
  const replay = () =>
    void doing.run(async () => {
      const delivery = await client.replayDelivery({ taskId, deliveryId });
      tell(words.replayed);
      onReplayed(delivery);
    });
  return (
    <>
      <Button icon="repeat" isBusy={doing.isBusy} onClick={replay}>
        {words.replay}
      </Button>
      <ErrorNote error={doing.error} />
    </>
  );
}
