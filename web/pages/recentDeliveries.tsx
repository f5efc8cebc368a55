/** What was sent to an endpoint of late: deliveries belong to tasks, so the newest tasks are looked at. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { TaskView } from '../../shared/schemas/taskApi.ts';
import type { DeliveryView, EndpointView } from '../../shared/schemas/webhookApi.ts';
import { useApp } from '../app/app.ts';
import { useLoad, useNow } from '../app/hooks.ts';
import { hrefOf } from '../app/router.ts';
import { Button, ErrorNote, InEnglish, Loading } from '../parts/basics.tsx';
import { DeliveryStatus, NextAttempt, Replay } from '../parts/delivery.tsx';
import { Dialog } from '../parts/dialog.tsx';

/** Each is asked for its deliveries. */
const NEWEST_TASKS = 20;

interface Sent {
  readonly task: TaskView;
  readonly delivery: DeliveryView;
}

/** Another once more is known of it. */
const keyOf = ({ delivery: { deliveryId, status, attempts } }: Sent): string =>
  [deliveryId, status, attempts.length].join(' ');

export function RecentDeliveries({
  endpoint,
  onClose,
}: {
  readonly endpoint: EndpointView;
  readonly onClose: () => void;
}): JSX.Element {
  const { texts, client } = useApp();
  const words = texts.webhooks;
  const { data, error, reload } = useLoad(async (signal) => {
    const tasks = await client.listTasks({ limit: NEWEST_TASKS }, { signal });
    const sent = await Promise.all(
      tasks.data.map(async (task): Promise<Sent[]> => {
        const page = await client.listDeliveries({ taskId: task.taskId }, { signal });
        return page.data.map((delivery) => ({ task, delivery }));
      }),
    );
    return sent
      .flat()
      .filter(({ delivery }) => delivery.endpointId === endpoint.endpointId)
      .sort((a, b) => (a.delivery.createdAt < b.delivery.createdAt ? 1 : -1));
  }, []);
  return (
    <Dialog
      title={words.recent}
      isWide
      onClose={onClose}
      actions={
        <Button icon="retry" onClick={reload}>
          {words.lookAgain}
        </Button>
      }
    >
      <div class="stack">
        <p class="hint">{words.recentHint(NEWEST_TASKS)}</p>
        <ErrorNote error={error} onRetry={reload} />
        {!data && error === undefined && <Loading />}
        {data?.length === 0 && <p>{words.nothingSent}</p>}
        {data && data.length > 0 && (
          <ul class="deliveries">
            {data.map((sent) => (
              <Delivery key={keyOf(sent)} {...sent} />
            ))}
          </ul>
        )}
      </div>
    </Dialog>
  );
}

function Delivery({ task, delivery: first }: Sent): JSX.Element {
  const { formats } = useApp();
  const now = useNow(30_000);
  const [delivery, setDelivery] = useState(first);
  const { deliveryId, type, attempts } = delivery;
  const last = attempts.at(-1);
  return (
    <li>
      <div>
        <p>
          <code>{type}</code> <DeliveryStatus {...delivery} />
        </p>
        <p class="hint">
          <a href={hrefOf(['tasks', task.taskId])} dir="auto">
            {task.name}
          </a>
          {' · '}
          {formats.since(delivery.createdAt, now)}
        </p>
        {last && !last.delivered && (
          <p class="hint fault">
            <InEnglish>{delivery.detail ?? last.detail}</InEnglish>
          </p>
        )}
        <NextAttempt {...delivery} />
      </div>
      <Replay taskId={task.taskId} deliveryId={deliveryId} onReplayed={setDelivery} />
    </li>
  );
}
