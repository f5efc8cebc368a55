/** What the browser keeps: for the tab, or for longer. Where it keeps nothing, neither does this. */

type Place = 'tab' | 'computer';

const storageOf = (place: Place): Storage => (place === 'tab' ? sessionStorage : localStorage);

export function stored(place: Place, name: string): string | undefined {
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
  } catch {
    // Refused by the browser's settings: it lasts as long as the page.
  }
}
