/** What is to be made, before it is there. */
import { newId, type IdKind } from './ids.ts';
import type { Ports } from './ports.ts';

export interface Creation {
  /** The id that it gets. */
  readonly id: string;
  /** Whether a process before may have made it: then it is looked for first. */
  readonly isRepeat: boolean;
}

/** Something that nobody can have made before. */
export const newCreation = (kind: IdKind, ports: Pick<Ports, 'clock' | 'random'>): Creation => ({
  id: newId(kind, ports),
  isRepeat: false,
});
