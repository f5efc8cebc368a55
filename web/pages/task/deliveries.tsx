/** What was sent of a task to webhooks, and what became of it. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { PAGE_LIMIT_MAX } from '../../../shared/limits.ts';
import type { DeliveryView } from '../../../shared/schemas/webhookApi.ts';
import { useApp } from '../../app/app.ts';
import { useLoad } from '../../app/hooks.ts';
import { usePages } from '../../app/pages.ts';
import { Button, ErrorNote, InEnglish, Loading } from '../../parts/basics.tsx';
import { DeliveryStatus, NextAttempt, Replay } from '../../parts/delivery.tsx';
import type { PartProps } from './part.ts';

/** Between two looks while something is on its way. */
const LOOK_MS = 2_000;

export function Deliveries({ live, stamp }: PartProps): JSX.Element {
  const { texts, client } = useApp();
  const words = texts.deliveries;
  const { taskId } = live.task;
  const [turn, setTurn] = useState(0);
  const list = usePages(
    (cursor, signal) =>
      client.listDeliveries(
        { taskId, limit: PAGE_LIMIT_MAX, ...(cursor && { cursor }) },
        { signal },
      ),
    [client, taskId],
    `${stamp}.${turn}`,
  );
  const { data: endpoints } = useLoad(
    (signal) => client.listWebhookEndpoints({ limit: PAGE_LIMIT_MAX }, { signal }),
    [],
  );
  const isOnItsWay = list.items.some(({ status }) => status === 'pending');
  useEffect(() => {
    if (!isOnItsWay) return undefined;
    const timer = setInterval(() => setTurn((n) => n + 1), LOOK_MS);
    return () => clearInterval(timer);
  }, [isOnItsWay]);

  if (list.items.length === 0) {
    if (list.error !== undefined) return <ErrorNote error={list.error} onRetry={list.retry} />;
    return list.isComplete ? <p class="empty">{words.none}</p> : <Loading />;
  }
  const addressOf = ({ endpointId }: DeliveryView) =>
    endpointId === null
      ? words.own
      : (endpoints?.data.find((one) => one.endpointId === endpointId)?.url ?? words.removed);
  return (
    <section class="card" aria-labelledby="deliveries">
      <h2 id="deliveries">{texts.task.webhooks}</h2>
      <div class="scroll" tabIndex={0} role="group" aria-labelledby="deliveries">
        <table class="plain-table">
          <thead>
            <tr>
              {[words.event, words.status, words.attempts, words.address, words.action].map(
                (head) => (
                  <th key={head} scope="col">
                    {head}
                  </th>
                ),
              )}
            </tr>
          </thead>
          <tbody>
            {list.items.map((delivery) => (
              <Delivery
                key={delivery.deliveryId}
                taskId={taskId}
                delivery={delivery}
                address={addressOf(delivery)}
                onReplay={() => setTurn((n) => n + 1)}
              />
            ))}
          </tbody>
        </table>
      </div>
      <ErrorNote error={list.error} onRetry={list.retry} />
      {!list.isComplete && (
        <Button isBusy={list.isLoading} onClick={list.more}>
          {texts.log.more}
        </Button>
      )}
    </section>
  );
}

function Delivery({
  taskId,
  delivery,
  address,
  onReplay,
}: {
  readonly taskId: string;
  readonly delivery: DeliveryView;
  readonly address: string;
  readonly onReplay: () => void;
}): JSX.Element {
  const { texts, formats } = useApp();
  const words = texts.deliveries;
  const { deliveryId, type, status, attempts } = delivery;
  const last = attempts.at(-1);
  return (
    <tr>
      <td>
        <code>{type}</code>
      </td>
      <td>
        <DeliveryStatus status={status} />
        {attempts.length > 0 && <NextAttempt {...delivery} />}
        {delivery.detail !== null && (
          <p class="hint">
            <InEnglish>{delivery.detail}</InEnglish>
          </p>
        )}
      </td>
      <td>
        {last ? (
          <>
            <time dateTime={last.at}>{formats.moment(last.at)}</time>
            {attempts.length > 1 && <span class="hint"> · {words.tries(attempts.length)}</span>}
            {last.detail !== null && (
              <p class="hint">
                <InEnglish>{last.detail}</InEnglish>
              </p>
            )}
          </>
        ) : (
          words.noAttempt
        )}
      </td>
      <td class="address">{address}</td>
      <td>
        {status !== 'pending' && (
          <Replay taskId={taskId} deliveryId={deliveryId} onReplayed={onReplay} />
        )}
      </td>
    </tr>
  );
}
