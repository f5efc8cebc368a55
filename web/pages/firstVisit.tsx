/** What shows while there is no task: what it is about, and a demo in one click. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useApp } from '../app/app.ts';
import { startDemo } from '../app/demo.ts';
import { useDoing, useHere } from '../app/hooks.ts';
import { hrefOf } from '../app/router.ts';
import { Button, ButtonLink, ErrorNote } from '../parts/basics.tsx';
import { Icon } from '../parts/icons.tsx';

/** @param onStarted told of the task that was begun */
export function FirstVisit({
  onStarted,
}: {
  readonly onStarted: (taskId: string) => void;
}): JSX.Element {
  const { texts, client } = useApp();
  const words = texts.tasks;
  const doing = useDoing();
  const isHere = useHere();
  const [step, setStep] = useState<'template' | 'data' | 'task'>('template');
  const said = { template: words.demoTemplate, data: words.demoData, task: words.demoTask }[step];
  const run = () =>
    void doing.run(async () => {
      const taskId = await startDemo(client, words.demoName, setStep);
      if (isHere()) onStarted(taskId);
    });
  const how = [
    ['file', words.how1, words.how1Text],
    ['table', words.how2, words.how2Text],
    ['check', words.how3, words.how3Text],
  ] as const;
  return (
    <div class="first-visit">
      <h1 tabIndex={-1}>{words.emptyTitle}</h1>
      <p class="lead">{words.emptyText}</p>
      <ol class="how" aria-label={words.how}>
        {how.map(([icon, title, text]) => (
          <li key={title}>
            <Icon name={icon} />
            <h2>{title}</h2>
            <p>{text}</p>
          </li>
        ))}
      </ol>
      <div class="ways">
        <Button kind="main" icon="play" isBusy={doing.isBusy} onClick={run}>
          {doing.isBusy ? said : words.demo}
        </Button>
        <ButtonLink icon="upload" href={hrefOf(['new'])}>
          {words.ownFiles}
        </ButtonLink>
      </div>
      <p class="hint">{words.demoText}</p>
      <ErrorNote error={doing.error} onRetry={run} />
    </div>
  );
}
