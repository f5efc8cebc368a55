/** 每次访问都会加载的文字。 */
import type { ShapeOf } from '../catalogue.ts';
import type { first as english } from '../en/first.ts';
import { ground } from './ground.ts';
import { tasks } from './tasks.ts';

export const first: ShapeOf<typeof english> = { ...ground, ...tasks };
