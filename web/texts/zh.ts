/** 简体中文。 */
import type { Texts } from './en.ts';
import { ground } from './zh/ground.ts';
import { lists } from './zh/lists.ts';
import { preview } from './zh/preview.ts';
import { settings } from './zh/settings.ts';
import { task } from './zh/task.ts';
import { tasks } from './zh/tasks.ts';
import { wizard } from './zh/wizard.ts';

export const zh: Texts = {
  ...ground,
  ...tasks,
  ...task,
  ...lists,
  ...wizard,
  ...preview,
  ...settings,
};
