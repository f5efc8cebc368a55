/** The shape of every catalogue: that of the English one, a file for each group of pages. */
import type { ShapeOf } from './catalogue.ts';
import type { first } from './en/first.ts';
import type { lists } from './en/lists.ts';
import type { parts } from './en/parts.ts';
import type { reasons } from './en/reasons.ts';
import type { settings } from './en/settings.ts';
import type { task } from './en/task.ts';
import type { wizard } from './en/wizard.ts';

/** What each file holds. All but the first are loaded with the pages that name them (web/app/places.ts). */
export interface Catalogue {
  readonly first: ShapeOf<typeof first>;
  readonly lists: ShapeOf<typeof lists>;
  readonly parts: ShapeOf<typeof parts>;
  readonly reasons: ShapeOf<typeof reasons>;
  readonly settings: ShapeOf<typeof settings>;
  readonly task: ShapeOf<typeof task>;
  readonly wizard: ShapeOf<typeof wizard>;
}

export type TextFile = keyof Catalogue;

/** All of them together. A page has those of the files that it names, which a test holds to be all it uses. */
export type Texts = Catalogue['first'] &
  Catalogue['lists'] &
  Catalogue['parts'] &
  Catalogue['reasons'] &
  Catalogue['settings'] &
  Catalogue['task'] &
  Catalogue['wizard'];
