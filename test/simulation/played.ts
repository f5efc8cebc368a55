/** What is known of what was played. */
import type { SheafClient } from '../../client/client.ts';
import type { HeardByReader } from './readers.ts';
import type { EndpointPlan, TaskPlan } from './scenario.ts';

/** An endpoint of an owner that was made for certain. */
export interface MadeEndpoint {
  readonly endpointId: string;
  readonly plan: EndpointPlan;
  readonly url: string;
  /** When its owner knew of it, in virtual ms since 1970. */
  readonly madeAt: number;
}

/** What is known of a task by whoever made it. */
export interface PlayedTask {
  readonly plan: TaskPlan;
  readonly templateIds: readonly string[];
  taskId: string | undefined;
  dataSourceId: string | undefined;
  /** Rows that were corrected: for certain, or perhaps. */
  readonly corrected: Map<number, 'surely' | 'perhaps'>;
  deleted: 'no' | 'perhaps' | 'surely';
  /** At rest, and nobody can get any further with it. */
  rests: boolean;
}

export interface Played {
  readonly tasks: readonly PlayedTask[];
  readonly clients: readonly SheafClient[];
  readonly violations: string[];
  /** By those who read server-sent events. */
  readonly readers: readonly HeardByReader[];
  /** Of owners, as far as they were made. */
  readonly endpoints: readonly MadeEndpoint[];
}

/** Where the events of a task are sent that has a webhook of its own. */
export const TASK_WEBHOOK = 'https://hooks.example.org/sheaf';
