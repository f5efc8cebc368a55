/** A new task in steps, back and forth without loss: what was chosen is in the address. */
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { useApp } from '../../app/app.ts';
import { useTitle } from '../../app/hooks.ts';
import type { Route } from '../../app/router.ts';
import { ButtonLink, Heading } from '../../parts/basics.tsx';
import { Icon } from '../../parts/icons.tsx';
import { CheckStep } from './checkStep.tsx';
import { DataStep } from './dataStep.tsx';
import { hrefOfStep, readDraft, STEPS, type Draft, type Step } from './draft.ts';
import { StartStep } from './startStep.tsx';
import { TemplateStep } from './templateStep.tsx';

const isWhole = ({ template, data }: Draft): boolean =>
  template !== undefined && data !== undefined;

/** Whether a step has what it needs. */
const IS_OPEN: Readonly<Record<Step, (draft: Draft) => boolean>> = {
  template: () => true,
  data: ({ template }) => template !== undefined,
  check: isWhole,
  start: isWhole,
};

export function Wizard({ route }: { readonly route: Route }): JSX.Element {
  const { texts } = useApp();
  const words = texts.wizard;
  const draft = readDraft(route);
  const step =
    STEPS.slice(0, STEPS.indexOf(draft.step) + 1).findLast((one) => IS_OPEN[one](draft)) ??
    'template';
  const at = STEPS.indexOf(step);
  const StepPage = PAGES[step];
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
      <StepPage key={step} draft={draft} />
      <Ways route={route} draft={draft} step={step} />
    </div>
  );
}

const PAGES: Readonly<Record<Step, (props: { readonly draft: Draft }) => JSX.Element>> = {
  template: TemplateStep,
  data: DataStep,
  check: CheckStep,
  start: StartStep,
};

/** Back, and on: to start is a button of the last step itself. */
function Ways({
  route,
  draft,
  step,
}: {
  readonly route: Route;
  readonly draft: Draft;
  readonly step: Step;
}): JSX.Element {
  const { texts } = useApp();
  const words = texts.wizard;
  const at = STEPS.indexOf(step);
  const [before, next] = [STEPS[at - 1], STEPS[at + 1]];
  return (
    <div class="ways-on">
      {before && (
        <ButtonLink icon="left" href={hrefOfStep(route, before)}>
          {texts.app.back}
        </ButtonLink>
      )}
      {next &&
        (IS_OPEN[next](draft) ? (
          <ButtonLink icon="right" kind="main" href={hrefOfStep(route, next)}>
            {words.next(words[next])}
          </ButtonLink>
        ) : (
          <p class="hint">{step === 'template' ? words.needTemplate : words.needData}</p>
        ))}
    </div>
  );
}
