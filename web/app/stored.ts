/**
 * What the browser keeps: for the tab, or for longer. What it refuses to keep, by its settings or because it is full,
 * lasts as long as the page.
 */

type Place = 'tab' | 'computer';

const storageOf = (place: Place): Storage => (place === 'tab' ? sessionStorage : localStorage);

/** What was refused. It is newer than what the browser may have. */
const refused: Readonly<Record<Place, Map<string, string | undefined>>> = {
  tab: new Map(),
  computer: new Map(),
};

export function stored(place: Place, name: string): string | undefined {
  if (refused[place].has(name)) return refused[place].get(name);
  try {
    return storageOf(place).getItem(name) ?? undefined;
  } catch {
    return undefined;
  }
}

export function store(place: Place, name: string, value: string | undefined): void {
  try {
    if (value === undefined) storageOf(place).removeItem(name);
    else storageOf(place).setItem(name, value);
    refused[place].delete(name);
  } catch {
    refused[place].set(name, value);
  }
}
