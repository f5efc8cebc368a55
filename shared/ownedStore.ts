/**
 * What an owner has: tasks, templates, data sources. One by its id, where another's is not found; and
 * lists, newest first, by an index of the owner that holds what rarely changes, so that counters cost no
 * write there. The items of a list are read themselves, and are as strongly consistent as any other.
 */
import * as z from 'zod';
import { runLanes } from './boundedWork.ts';
import type { OwnerIndexName } from './names.ts';
import type { Change, Condition, Item, ItemKey, Ports } from './ports.ts';
import type { Problem } from './problems.ts';

type TablePort = Pick<Ports, 'table'>;

/** Items of a page that are read at the same time: a page of 100 takes some 7 reads' time. */
const READS_AT_ONCE = 16;
/** Entries of the index that one query of a search looks at: of 250 bytes each, a quarter of a page. */
const SEARCH_QUERY_ENTRIES = 1_000;
/** Queries that a search makes for one page: what is found by then is the page. */
const SEARCH_QUERIES = 10;

/** An entry of an owner's index (names.ts, OWNER_INDEXES). */
const EntrySchema = z.object({ pk: z.string(), sk: z.string(), status: z.string() });
export type OwnedEntry = z.infer<typeof EntrySchema>;

type Owned = Item & { ownerId: string; status: string };

/** How one kind of what owners have is stored. */
interface Kind<Schema extends z.ZodType<Owned>> {
  readonly schema: Schema;
  readonly keyOf: (id: string) => ItemKey;
  /** The owner's partition of the indexes. */
  readonly partitionOf: (ownerId: string) => string;
  /** What is said of one that is not there, or another owner's. */
  readonly notFound: (id: string) => Problem;
}

export interface PageRequest {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

export interface Search extends PageRequest {
  readonly index?: OwnerIndexName;
  readonly status: string;
}

export interface OwnedPage<T> {
  readonly items: T[];
  /** Where the next page begins; undefined behind the last. */
  readonly next?: string;
}

export function ownedStore<Schema extends z.ZodType<Owned>>({
  schema,
  keyOf,
  partitionOf,
  notFound,
}: Kind<Schema>) {
  type Stored = z.output<Schema>;

  async function find({ table }: TablePort, id: string): Promise<Stored | undefined> {
    const item = await table.get(keyOf(id));
    return item && schema.parse(item);
  }

  const queryOf = (ownerId: string, index: OwnerIndexName, limit: number, after?: string) => ({
    index,
    partition: partitionOf(ownerId),
    descending: true,
    limit,
    ...(after !== undefined && { after }),
  });

  /** The items of index entries, in their order, without those that are gone meanwhile. */
  async function itemsOf(
    { table }: TablePort,
    ownerId: string,
    entries: readonly OwnedEntry[],
  ): Promise<Stored[]> {
    const found: (Stored | undefined)[] = [];
    const work = entries.map(({ pk, sk }, i) => async () => {
      const item = await table.get({ pk, sk });
      const owned = item && schema.parse(item);
      if (owned?.ownerId === ownerId) found[i] = owned;
    });
    await runLanes([{ atOnce: READS_AT_ONCE, work }]);
    return found.filter((item) => item !== undefined);
  }

  return {
    /** One of any owner, for the steps of workflows; undefined when it is gone. */
    find,

    /** The owner's. @throws Problem of its kind, when it is not there or another owner's */
    async load(ports: TablePort, ownerId: string, id: string): Promise<Stored> {
      const item = await find(ports, id);
      if (item?.ownerId !== ownerId) throw notFound(id);
      return item;
    },

    /** Stores a new one. What is there: where a process before has stored one under this id, that. */
    async add(ports: TablePort, id: string, item: Item): Promise<Stored> {
      const isNew = await ports.table.put(keyOf(id), item, { absent: 'pk' });
      return (isNew ? undefined : await find(ports, id)) ?? schema.parse(item);
    },

    /** The item after the change; undefined when the condition does not hold (any more). */
    async change(
      { table }: TablePort,
      id: string,
      change: Change,
      condition: Condition,
    ): Promise<Stored | undefined> {
      const item = await table.update(keyOf(id), change, condition);
      return item && schema.parse(item);
    },

    /** One page of the owner's, newest first. */
    async page(
      ports: TablePort,
      ownerId: string,
      { limit, cursor }: PageRequest,
    ): Promise<OwnedPage<Stored>> {
      const query = queryOf(ownerId, 'byOwner', limit, cursor);
      const { items, next } = await ports.table.query(query);
      const entries = items.map((item) => EntrySchema.parse(item));
      return {
        items: await itemsOf(ports, ownerId, entries),
        ...(next !== undefined && { next }),
      };
    },

    /**
     * One page of those in a state, newest first. Bounded: where such are rare among very many, a page
     * has fewer than asked for, and a `next` all the same.
     */
    async search(
      ports: TablePort,
      ownerId: string,
      { index = 'byOwner', status, limit, cursor }: Search,
    ): Promise<OwnedPage<Stored>> {
      const found: OwnedEntry[] = [];
      let after = cursor;
      for (let queries = 0; queries < SEARCH_QUERIES && found.length < limit; queries++) {
        const query = queryOf(ownerId, index, SEARCH_QUERY_ENTRIES, after);
        const { items, next } = await ports.table.query(query);
        const entries = items.map((item) => EntrySchema.parse(item));
        const missing = limit - found.length;
        const places = [...entries.keys()].filter((i) => entries[i]?.status === status);
        const last = places[missing - 1];
        found.push(...places.slice(0, missing).flatMap((i) => entries[i] ?? []));
        // The page ends within what was read: the same again up to there tells where the next begins.
        after =
          last !== undefined && last < entries.length - 1
            ? (await ports.table.query({ ...query, limit: last + 1 })).next
            : next;
        if (after === undefined) break;
      }
      const items = await itemsOf(ports, ownerId, found);
      return {
        // The index is a moment behind.
        items: items.filter((item) => item.status === status),
        ...(after !== undefined && { next: after }),
      };
    },

    /** Entries of the owner's newest, whatever their state, as the index has them. */
    async newest({ table }: TablePort, ownerId: string, atMost: number): Promise<OwnedEntry[]> {
      const { items } = await table.query(queryOf(ownerId, 'byOwner', atMost));
      return items.map((item) => EntrySchema.parse(item));
    },

    /** Every entry of one of the owner's indexes, newest first, as the index has it. */
    async *entries(
      { table }: TablePort,
      ownerId: string,
      index: OwnerIndexName,
    ): AsyncGenerator<OwnedEntry, void, undefined> {
      let after: string | undefined;
      do {
        const page = await table.query(queryOf(ownerId, index, SEARCH_QUERY_ENTRIES, after));
        for (const item of page.items) yield EntrySchema.parse(item);
        after = page.next;
      } while (after !== undefined);
    },

    itemsOf,
  };
}
