/** Whoever is told of what happens to tasks: the log, the sockets, and what comes to be added. */
import type { Ports, Workflow } from '../ports.ts';
import type { LastingEvent } from '../schemas/events.ts';
import type { TaskItem } from '../schemas/items.ts';
import type { TaskEvent } from '../schemas/stream.ts';
import type { Turn } from './turn.ts';

export type ListenerPorts = Pick<Ports, 'table' | 'connections' | 'clock' | 'log'> & {
  readonly workflow: Pick<Workflow<'delivery'>, 'start'>;
};

/** An event with its number. Which of them last, their `key` says. */
export type NumberedEvent = LastingEvent | TaskEvent;

export interface Telling {
  readonly task: TaskItem;
  /** In the order of their seq: either events that last, or the passing ones of one push. */
  readonly events: readonly NumberedEvent[];
  readonly turn: Turn;
  /** Whoever tells has work waiting behind it: what would take long may be left to the next teller. */
  readonly inHaste: boolean;
}

/**
 * A listener decides by itself what of the events it wants. Events that last are told again, with the
 * same seq, after a teller broke down in the middle: a listener knows them by their seq.
 */
export interface Listener {
  /**
   * @returns 'left' when the events that last are to be told again by the next teller
   * @throws what the next teller may not meet; listeners behind this one are told by the next, too
   */
  tell(ports: ListenerPorts, telling: Telling): Promise<'told' | 'left'>;
}

/** Whether an event lasts. */
export const lasts = (event: NumberedEvent): event is LastingEvent => 'key' in event;
