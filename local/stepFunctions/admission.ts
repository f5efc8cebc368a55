/** Room for a number of things at a time, in the order of asking. */

/**
 * @param places how many may be in at once
 * @returns waits for a place; the answer gives it back
 */
export function createAdmission(places: number): () => Promise<() => void> {
  let free = places;
  const waiting: (() => void)[] = [];
  const giveBack = () => {
    const next = waiting.shift();
    if (next) next();
    else free++;
  };
  return async () => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    let isIn = true;
    return () => {
      if (isIn) giveBack();
      isIn = false;
    };
  };
}
