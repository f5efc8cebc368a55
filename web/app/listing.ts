/** A list of the service, page by page, with what is done to it meanwhile. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { useApp } from './app.ts';
import { isRefused } from './refused.ts';

export interface PageOf<T> {
  readonly data: readonly T[];
  readonly nextCursor: string | null;
}

export interface Listing<T> {
  readonly items: readonly T[];
  readonly isComplete: boolean;
  readonly isLoading: boolean;
  readonly error: unknown;
  /** Loads the next page, unless one is on its way or there is none. */
  readonly more: () => void;
  readonly refresh: () => void;
  /** Puts a newer one in the place of the one with its id, or first where there is none. */
  readonly put: (item: T) => void;
  /** Changes the one with the id, where it is listed. */
  readonly patch: (id: string, change: Partial<T>) => void;
  readonly drop: (id: string) => void;
}

/**
 * @param page gives a page of the list; called anew with the cursor of the page before
 * @param idOf the id of an element
 */
export function useListing<T>(
  page: (cursor: string | undefined) => Promise<PageOf<T>>,
  idOf: (item: T) => string,
): Listing<T> {
  const { client, signOut } = useApp();
  const [items, setItems] = useState<readonly T[]>([]);
  const [isComplete, setComplete] = useState(false);
  const [isLoading, setLoading] = useState(false);
  const [error, setError] = useState<unknown>();
  const cursor = useRef<string | null | undefined>(undefined);
  const isBusy = useRef(false);
  /** Pages that were begun before the list was begun anew are nobody's. */
  const turn = useRef(0);

  const load = async () => {
    if (isBusy.current || cursor.current === null) return;
    const mine = turn.current;
    isBusy.current = true;
    setLoading(true);
    setError(undefined);
    try {
      let isEmpty = true;
      // All of a page may have expired.
      while (isEmpty && cursor.current !== null) {
        const { data, nextCursor } = await page(cursor.current);
        if (mine !== turn.current) return;
        const isFirst = cursor.current === undefined;
        cursor.current = nextCursor;
        setItems((before) => (isFirst ? data : [...before, ...data]));
        setComplete(nextCursor === null);
        isEmpty = data.length === 0;
      }
    } catch (caught) {
      if (isRefused(caught)) signOut(true);
      else if (mine === turn.current) setError(caught);
    } finally {
      if (mine === turn.current) {
        isBusy.current = false;
        setLoading(false);
      }
    }
  };
  const refresh = () => {
    turn.current++;
    cursor.current = undefined;
    isBusy.current = false;
    void load();
  };
  useEffect(() => {
    refresh();
    return () => void turn.current++;
  }, [client]);

  return {
    items,
    isComplete,
    isLoading,
    error,
    more: () => void load(),
    refresh,
    put: (item) =>
      setItems((before) =>
        before.some((one) => idOf(one) === idOf(item))
          ? before.map((one) => (idOf(one) === idOf(item) ? item : one))
          : [item, ...before],
      ),
    patch: (id, change) =>
      setItems((before) => before.map((one) => (idOf(one) === id ? { ...one, ...change } : one))),
    drop: (id) => setItems((before) => before.filter((one) => idOf(one) !== id)),
  };
}

/** The elements whose texts hold what is searched for; all of the list is loaded for it. */
export function useSearch<T>(
  { items, isComplete, error, more }: Listing<T>,
  search: string,
  textOf: (item: T) => string,
): { readonly shown: readonly T[]; readonly isSearching: boolean } {
  const wanted = search.trim().toLocaleLowerCase();
  const isSearching = wanted !== '' && !isComplete && error === undefined;
  useEffect(() => {
    if (isSearching) more();
  }, [isSearching, items.length]);
  const shown = useMemo(
    () =>
      wanted === ''
        ? items
        : items.filter((item) => textOf(item).toLocaleLowerCase().includes(wanted)),
    [items, wanted],
  );
  return { shown, isSearching };
}
