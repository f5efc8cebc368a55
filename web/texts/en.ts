/** English, and the shape of every catalogue: a file for each group of pages. */
import type { ShapeOf } from './catalogue.ts';
import { ground } from './en/ground.ts';
import { settings } from './en/settings.ts';
import { tasks } from './en/tasks.ts';

export const en = { ...ground, ...tasks, ...settings };

export type Texts = ShapeOf<typeof en>;
