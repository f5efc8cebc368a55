/** A new task in steps, back and forth without loss: what was chosen is in the address. */
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { useApp } from '../../app/app.ts';
import { useTitle } from '../../app/hooks.ts';
import type { Route } from '../../app/router.ts';
import { Heading } from '../../parts/basics.tsx';
import { Icon } from '../../parts/icons.tsx';
import { hrefOfStep, readDraft, STEPS, type Draft, type Step } from './draft.ts';
import { TemplateStep } from './templateStep.tsx';

/** Whether a step has what it needs. */
const IS_OPEN: Readonly<Record<Step, (draft: Draft) => boolean>> = {
  template: () => true,
  data: () => false,
  check: () => false,
  start: () => false,
};

export function Wizard({ route }: { readonly route: Route }): JSX.Element {
  const { texts } = useApp();
  const words = texts.wizard;
  const draft = readDraft(route);
  const step = IS_OPEN[draft.step](draft) ? draft.step : 'template';
  const at = STEPS.indexOf(step);
  useTitle(words.title);
  const heading = useRef<HTMLHeadingElement>(null);
  const isFirst = useRef(true);
  useEffect(() => {
    // The keyboard and the screen reader begin where the new step does.
    if (!isFirst.current) {
      scrollTo(0, 0);
      heading.current?.focus();
    }
    isFirst.current = false;
  }, [step]);
  return (
    <div class="wizard">
      <Heading title={words.title} />
      <nav aria-label={words.steps}>
        <ol class="steps">
          {STEPS.map((name, i) => {
            const isDone = i < at;
            const content = (
              <>
                <span class="step-number" aria-hidden="true">
                  {isDone ? <Icon name="check" /> : i + 1}
                </span>
                <span>{words[name]}</span>
                {isDone && <span class="visually-hidden">, {words.done}</span>}
              </>
            );
            return (
              <li key={name} class={name === step ? 'now' : isDone ? 'done' : undefined}>
                {IS_OPEN[name](draft) ? (
                  <a
                    href={hrefOfStep(route, name)}
                    aria-current={name === step ? 'step' : undefined}
                  >
                    {content}
                  </a>
                ) : (
                  <span class="closed">{content}</span>
                )}
              </li>
            );
          })}
        </ol>
      </nav>
      <h2 ref={heading} tabIndex={-1}>
        <span class="visually-hidden">{words.step(at + 1, STEPS.length)} </span>
        {words[step]}
      </h2>
      <TemplateStep draft={draft} />
    </div>
  );
}
