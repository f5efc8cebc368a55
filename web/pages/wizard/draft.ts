/** What is being ordered, step by step. All of it is in the address: a page that is loaded anew goes on. */
import * as z from 'zod';
import { hrefOf, type Params, type Route } from '../../app/router.ts';

export const STEPS = ['template', 'data', 'check', 'start'] as const;
export type Step = (typeof STEPS)[number];

export interface Draft {
  readonly step: Step;
  readonly templateId: string | undefined;
}

/** Names of parameters of the address. */
const NAMES = { step: 'step', templateId: 'template' } as const;

const StepSchema = z.enum(STEPS).catch('template');

export function readDraft({ params }: Pick<Route, 'params'>): Draft {
  const of = (name: keyof typeof NAMES) => params.get(NAMES[name]) ?? undefined;
  return { step: StepSchema.parse(of('step')), templateId: of('templateId') };
}

/** The parameters that say it; what is as usual is left out. */
export function paramsOf(change: Partial<Draft>): Params {
  const { step } = change;
  return {
    ...('templateId' in change && { [NAMES.templateId]: change.templateId }),
    ...(step !== undefined && { [NAMES.step]: step }),
  };
}

/** The address of a step of the same order. */
export const hrefOfStep = ({ params }: Route, step: Step): string =>
  hrefOf(['new'], { ...Object.fromEntries(params), [NAMES.step]: step });
