/** Where one can go. */
import type { ComponentType } from 'preact';
import type { IconName } from '../parts/icons.tsx';
import type { TextFile } from '../texts/texts.ts';
import type { Route } from './router.ts';

/** Where the navigation leads, in its order: the first segment of an address, a picture, the key after g. */
export const PLACES = [
  ['tasks', 'tasks', 't'],
  ['templates', 'file', 'm'],
  ['data', 'table', 'd'],
  ['settings', 'settings', 's'],
] as const satisfies readonly (readonly [name: string, icon: IconName, key: string])[];

export type Page = ComponentType<{ readonly route: Route }>;

/** A page that is loaded when somebody goes there, along with the files of its texts. */
export interface LaterPage {
  readonly texts: readonly TextFile[];
  readonly load: () => Promise<Page>;
}

/** All but the list of tasks, which is part of the first load. */
const PAGES: Readonly<Record<string, LaterPage>> = {
  new: {
    texts: ['wizard', 'parts', 'reasons'],
    load: async () => (await import('../pages/wizard/wizard.tsx')).Wizard,
  },
  templates: {
    texts: ['lists', 'parts'],
    load: async () => (await import('../pages/lists/templates.tsx')).Templates,
  },
  data: {
    texts: ['lists', 'parts', 'reasons'],
    load: async () => (await import('../pages/lists/dataSources.tsx')).DataSources,
  },
  task: {
    texts: ['task', 'parts'],
    load: async () => (await import('../pages/task/taskPage.tsx')).TaskPage,
  },
  settings: {
    texts: ['settings', 'parts'],
    load: async () => (await import('../pages/settings.tsx')).Settings,
  },
};

/** Which page a route leads to. */
export function pageOf({ path: [first = 'tasks', second] }: Route): string {
  if (first === 'tasks') return second === undefined ? 'tasks' : 'task';
  return first;
}

/** What a page is loaded by; undefined for the list of tasks, and for one that there is not. */
export const laterPage = (page: string): LaterPage | undefined =>
  Object.hasOwn(PAGES, page) ? PAGES[page] : undefined;
