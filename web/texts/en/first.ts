/** What every visit loads: what is around the pages, and the first of them. */
import { ground } from './ground.ts';
import { tasks } from './tasks.ts';

export const first = { ...ground, ...tasks };
