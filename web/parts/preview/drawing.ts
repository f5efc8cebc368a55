/** What drawing needs at hand: the parts of a document that its text refers to, and the page that is filled. */
import type { Numbering } from './numbering.ts';
import type { Target } from './package.ts';
import type { Styles } from './styles.ts';
import type { Stops } from './tabs.ts';
import type { XmlNode } from './xmlTree.ts';

/** Words of the page for what cannot be drawn. */
export interface PreviewWords {
  readonly picture: string;
  readonly chart: string;
}

export interface Drawing {
  readonly styles: Styles;
  readonly numbering: Numbering;
  readonly words: PreviewWords;
  /** Where pictures of a part are, by the ids that it uses. */
  readonly pictures: ReadonlyMap<string, string | undefined>;
  readonly targets: ReadonlyMap<string, Target>;
  /** Begins a new page, and says where text goes on; undefined where there are none, as in cells. */
  readonly breakPage: (() => HTMLElement) | undefined;
  /** Properties of the table around, which its paragraphs take where they say nothing. */
  readonly tableStyles: readonly XmlNode[];
  /** Elements that show the number of their page. */
  readonly pageNumbers: HTMLElement[];
  readonly stops: Stops;
  /** Numbers of foot- and endnotes, in order. */
  readonly notes: { count: number };
}

export const make = <K extends keyof HTMLElementTagNameMap>(
  name: K,
  className?: string,
): HTMLElementTagNameMap[K] => {
  const element = document.createElement(name);
  if (className !== undefined) element.className = className;
  return element;
};
