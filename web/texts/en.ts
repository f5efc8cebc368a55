/** English, and the shape of every catalogue: a file for each group of pages. */
import type { ShapeOf } from './catalogue.ts';
import { ground } from './en/ground.ts';
import { lists } from './en/lists.ts';
import { preview } from './en/preview.ts';
import { settings } from './en/settings.ts';
import { task } from './en/task.ts';
import { tasks } from './en/tasks.ts';
import { wizard } from './en/wizard.ts';

export const en = { ...ground, ...tasks, ...task, ...lists, ...wizard, ...preview, ...settings };

export type Texts = ShapeOf<typeof en>;
