/** What has to be ended, in the reverse order of its beginning. */

/** Notes how to end what was just begun. */
export type AtEnd = (end: () => unknown) => void;

export interface Endings {
  readonly atEnd: AtEnd;
  /** Ends everything, the youngest first; a part that fails does not keep the others from ending. */
  endAll(): Promise<void>;
}

/** @param onFault told of a part that could not be ended */
export function createEndings(onFault: (error: unknown) => void): Endings {
  const endings: (() => unknown)[] = [];
  return {
    atEnd: (end) => void endings.push(end),
    async endAll() {
      for (const end of endings.splice(0).reverse()) {
        try {
          await end();
        } catch (error) {
          onFault(error);
        }
      }
    },
  };
}
