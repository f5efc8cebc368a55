/** What comes next of something that is read bit by bit. */
export interface Lookahead<T> {
  /** The next one, which stays the next; undefined behind the last. */
  peek(): Promise<T | undefined>;
  /** Takes the next one. */
  take(): Promise<T | undefined>;
}

/** Nothing is read before it is asked for. */
export function lookahead<T>(source: AsyncIterable<T>): Lookahead<T> {
  const iterator = source[Symbol.asyncIterator]();
  let next: { readonly value: T | undefined } | undefined;
  async function peek() {
    if (!next) {
      const result = await iterator.next();
      next = { value: result.done ? undefined : result.value };
    }
    return next.value;
  }
  return {
    peek,
    async take() {
      const value = await peek();
      if (value !== undefined) next = undefined;
      return value;
    },
  };
}
