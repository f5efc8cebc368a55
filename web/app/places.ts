/** Where one can go. */
import type { ComponentType } from 'preact';
import type { IconName } from '../parts/icons.tsx';
import type { Route } from './router.ts';

/** Where the navigation leads, in its order: the first segment of an address, a picture, the key after g. */
export const PLACES = [
  ['tasks', 'tasks', 't'],
  ['templates', 'file', 'm'],
  ['data', 'table', 'd'],
  ['settings', 'settings', 's'],
] as const satisfies readonly (readonly [name: string, icon: IconName, key: string])[];

export type Page = ComponentType<{ readonly route: Route }>;

/** Pages that are loaded when somebody goes there. The list of tasks is part of the first load. */
const PAGES: Readonly<Record<string, () => Promise<Page>>> = {
  new: async () => (await import('../pages/wizard/wizard.tsx')).Wizard,
  templates: async () => (await import('../pages/lists/templates.tsx')).Templates,
  data: async () => (await import('../pages/lists/dataSources.tsx')).DataSources,
  task: async () => (await import('../pages/task/taskPage.tsx')).TaskPage,
  settings: async () => (await import('../pages/settings.tsx')).Settings,
};

/** Which page a route leads to. */
export function pageOf({ path: [first = 'tasks', second] }: Route): string {
  if (first === 'tasks') return second === undefined ? 'tasks' : 'task';
  return first;
}

/** What loads a page; undefined for one that there is not. */
export const loaderOf = (page: string): (() => Promise<Page>) | undefined =>
  Object.hasOwn(PAGES, page) ? PAGES[page] : undefined;
