/** Lists that come in pages, as far as somebody wants them. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Page } from '../../shared/schemas/common.ts';
import { useApp } from './app.ts';
import { isRefused } from './hooks.ts';

export interface Paged<T> {
  readonly items: readonly T[];
  readonly isComplete: boolean;
  readonly isLoading: boolean;
  readonly error: unknown;
  readonly more: () => void;
  /** Begins anew, with what is there shown until then. */
  readonly restart: () => void;
}

/**
 * The first pages of a list.
 * @param load one page
 * @param keys others begin the list anew
 * @param stamp another one has what was loaded looked at again, and shown when all of it is there
 * @param atOnce elements that are loaded before any is asked for, if there are as many
 */
export function usePages<T>(
  load: (cursor: string | undefined, signal: AbortSignal) => Promise<Page<T>>,
  keys: readonly unknown[],
  stamp: unknown,
  atOnce = 1,
): Paged<T> {
  const { signOut } = useApp();
  const [state, setState] = useState<Omit<Paged<T>, 'more' | 'restart'>>(EMPTY);
  const loaded = useRef<{ items: readonly T[]; cursor: string | null | undefined }>(NOTHING);
  const controller = useRef(new AbortController());

  /** Loads pages until there are more than `wanted` elements. */
  const run = async (start: (typeof loaded)['current'], wanted: number) => {
    controller.current.abort();
    const mine = new AbortController();
    controller.current = mine;
    setState((before) => ({ ...before, isLoading: true, error: undefined }));
    let { items, cursor } = start;
    try {
      do {
        const page: Page<T> = await load(cursor ?? undefined, mine.signal);
        items = [...items, ...page.data];
        cursor = page.nextCursor;
      } while (cursor !== null && items.length < wanted && !mine.signal.aborted);
      if (mine.signal.aborted) return;
      loaded.current = { items, cursor };
      setState({ items, isComplete: cursor === null, isLoading: false, error: undefined });
    } catch (error) {
      if (mine.signal.aborted) return;
      if (isRefused(error)) signOut(true);
      else setState((before) => ({ ...before, isLoading: false, error }));
    }
  };
  const isFirst = useRef(true);
  useEffect(() => {
    loaded.current = NOTHING;
    setState(EMPTY);
    void run(NOTHING, atOnce);
    return () => controller.current.abort();
  }, keys);
  useEffect(() => {
    if (!isFirst.current) void run(NOTHING, Math.max(atOnce, loaded.current.items.length));
    isFirst.current = false;
  }, [stamp]);
  return {
    ...state,
    restart: () => void run(NOTHING, atOnce),
    more: () => {
      if (loaded.current.cursor !== null) {
        void run(loaded.current, loaded.current.items.length + 1);
      }
    },
  };
}

const EMPTY = { items: [], isComplete: false, isLoading: true, error: undefined };
const NOTHING = { items: [], cursor: undefined };
