/** What happens to the jobs of a command, told to whoever shows or keeps it. */
import type { Finding } from '../../shared/schemas/checkApi.ts';
import type { FoundReading } from '../../shared/schemas/common.ts';
import type { CheckSummary } from '../../shared/schemas/checks.ts';
import type { Progress, TaskEvent } from '../../shared/schemas/stream.ts';

/** Failures of one cause, over all rows. */
export interface Cause {
  readonly code: string;
  readonly tag: string | null;
  /** What is wrong and what to do, of the first of them. */
  readonly detail: string;
  readonly count: number;
  /** The first rows, from 1. */
  readonly rows: readonly number[];
}

/** How a job ended. */
export type Ending =
  /** Every document that was to be made is there. */
  | 'made'
  | 'in part'
  /** It rests, and can be gone on with. */
  | 'paused'
  | 'cancelled'
  | 'failed'
  /** Its rows have errors, and it was told to make nothing then. */
  | 'faulty'
  /** It was not begun, or not as far as to have a task. */
  | 'left';

export interface Outcome {
  readonly job: string;
  readonly taskId: string | undefined;
  readonly ending: Ending;
  /** Documents. */
  readonly total: number;
  readonly made: number;
  readonly failed: number;
  readonly skipped: number;
  /** Of those that were made, how many were taken over from the time before. */
  readonly reused: number;
  /** From its beginning to its end, the download included. */
  readonly seconds: number;
  readonly causes: readonly Cause[];
  /** Whether the causes are of all failures, and not of the first ones. */
  readonly areAllCauses: boolean;
  readonly saved: readonly SavedPlace[];
  /** Why it ended so. */
  readonly message: string | undefined;
  /** The command failed, and not its task: that can be gone on with. */
  readonly resumable?: boolean;
}

export interface SavedPlace {
  readonly what: 'archive' | 'folder' | 'results';
  readonly path: string;
  readonly bytes: number;
  readonly documents?: number;
  /** Of a folder: files that were there and are the same. */
  readonly unchanged?: number;
}

/** Each bears the label of its job; they are the lines of --json, too (docs/cli.md). */
export type JobEvent = { readonly job: string } & (
  | {
      readonly type: 'template';
      readonly file: string;
      readonly templateId: string;
      readonly tags: number;
      readonly warnings: readonly string[];
    }
  | {
      readonly type: 'data';
      readonly file: string;
      readonly dataSourceId: string;
      readonly rows: number;
      readonly columns: number;
      readonly found: FoundReading;
      readonly warnings: readonly string[];
    }
  | {
      readonly type: 'task';
      readonly taskId: string;
      readonly documents: number;
      readonly warnings: readonly string[];
    }
  | {
      readonly type: 'check';
      readonly summary: CheckSummary;
      readonly findings: readonly Finding[];
    }
  | { readonly type: 'progress'; readonly progress: Progress }
  | {
      readonly type: 'document_failed';
      readonly failure: Extract<TaskEvent, { type: 'document_failed' }>['payload'];
    }
  /** Bytes of what is saved, so far. */
  | { readonly type: 'saving'; readonly bytes: number }
  | { readonly type: 'saved'; readonly saved: SavedPlace }
  /** For people: something odd, or what is waited for. */
  | { readonly type: 'note'; readonly text: string }
  | { readonly type: 'ended'; readonly outcome: Outcome }
);

export type Tell = (event: JobEvent) => void;
