/** A new task in steps, back and forth without loss: what was chosen is in the address. */
import type { JSX } from 'preact';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { useApp } from '../../app/app.ts';
import { useTitle } from '../../app/hooks.ts';
import { changeParams, type Route } from '../../app/router.ts';
import { ButtonLink, Heading } from '../../parts/basics.tsx';
import { Icon } from '../../parts/icons.tsx';
import { CheckStep } from './checkStep.tsx';
import { DataStep } from './dataStep.tsx';
import { hrefOfStep, paramsOf, readDraft, STEPS, type Draft, type Step } from './draft.ts';
import { routeOfDraft } from './oneDraft.ts';
import type { StepProps } from './stepProps.ts';
import { withoutUnusable } from './unusable.ts';
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

export function Wizard(_: { readonly route: Route }): JSX.Element {
  const route = routeOfDraft();
  const { texts } = useApp();
  const words = texts.wizard;
  const draft = readDraft(route);
  const [unusable, setUnusable] = useState<ReadonlySet<string>>(new Set());
  const onUnusable = useCallback(
    (id: string) => setUnusable((before) => (before.has(id) ? before : new Set([...before, id]))),
    [],
  );
  const isOpen = (one: Step) => IS_OPEN[one](withoutUnusable(draft, unusable));
  const step = STEPS.slice(0, STEPS.indexOf(draft.step) + 1).findLast(isOpen) ?? 'template';
  const at = STEPS.indexOf(step);
  const StepPage = PAGES[step];
  useTitle(words.title);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    // What is chosen now does not lead on by itself to a step that was asked for too early.
    if (step !== draft.step) changeParams(paramsOf({ step }));
  }, [step, draft.step]);
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
                {isDone && (
                  <span class="visually-hidden">
                    {texts.signs.comma}
                    {words.done}
                  </span>
                )}
              </>
            );
            return (
              <li key={name} class={name === step ? 'now' : isDone ? 'done' : undefined}>
                {isOpen(name) ? (
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
      <StepPage
        key={step}
        draft={draft}
        onUnusable={onUnusable}
        back={<Back route={route} step={step} />}
      />
      {step !== 'start' && <Ways route={route} draft={draft} step={step} isOpen={isOpen} />}
    </div>
  );
}

const PAGES: Readonly<Record<Step, (props: StepProps) => JSX.Element>> = {
  template: TemplateStep,
  data: DataStep,
  check: CheckStep,
  start: StartStep,
};

function Back({ route, step }: { readonly route: Route; readonly step: Step }): JSX.Element | null {
  const { texts } = useApp();
  const before = STEPS[STEPS.indexOf(step) - 1];
  if (!before) return null;
  return (
    <ButtonLink icon="left" href={hrefOfStep(route, before)}>
      {texts.app.back}
    </ButtonLink>
  );
}

/** Back, and on: the last step has a button of its own for that. */
function Ways({
  route,
  draft,
  step,
  isOpen,
}: {
  readonly route: Route;
  readonly draft: Draft;
  readonly step: Step;
  readonly isOpen: (step: Step) => boolean;
}): JSX.Element {
  const { texts } = useApp();
  const words = texts.wizard;
  const next = STEPS[STEPS.indexOf(step) + 1];
  const chosen = step === 'template' ? draft.template : draft.data;
  const need = step === 'template' ? words.needTemplate : words.needData;
  return (
    <div class="ways-on">
      <Back route={route} step={step} />
      {next &&
        (isOpen(next) ? (
          <ButtonLink icon="right" isIconLast kind="main" href={hrefOfStep(route, next)}>
            {words.next(words[next])}
          </ButtonLink>
        ) : (
          <p class="hint">{chosen === undefined ? need : words.needOther}</p>
        ))}
    </div>
  );
}
