/** 简体中文。 */
import type { Texts } from './en.ts';
import { ground } from './zh/ground.ts';
import { settings } from './zh/settings.ts';
import { tasks } from './zh/tasks.ts';

export const zh: Texts = { ...ground, ...tasks, ...settings };
