/** Walking through all pages of a query. */
import type { Item, Ports, Query } from './ports.ts';

/** Every item that the query finds, in its order; pages are fetched as they are needed. */
export async function* everyItem(
  { table }: Pick<Ports, 'table'>,
  query: Omit<Query, 'after'>,
): AsyncGenerator<Item, void, undefined> {
  let after: string | undefined;
  do {
    const page = await table.query({ ...query, ...(after === undefined ? {} : { after }) });
    yield* page.items;
    after = page.next;
  } while (after !== undefined);
}
