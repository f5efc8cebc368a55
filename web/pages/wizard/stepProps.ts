/** What every step of the wizard is given. */
import type { ComponentChildren } from 'preact';
import type { Draft } from './draft.ts';
import type { Report } from './unusable.ts';

export interface StepProps {
  readonly draft: Draft;
  /** Told of a template or a table that cannot be used after all. */
  readonly onUnusable: Report;
  /** The link to the step before, beside the button of the last one. */
  readonly back: ComponentChildren;
}
