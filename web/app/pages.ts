/** Lists that come in pages, as far as somebody wants them. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Page } from '../../shared/schemas/common.ts';
import { useApp } from './app.ts';
import { isRefused } from './refused.ts';

export interface Paged<T> {
  readonly items: readonly T[];
  readonly isComplete: boolean;
  readonly isLoading: boolean;
  /** Somebody has ended the loading (`stop`), before it came to what was asked for. */
  readonly isStopped: boolean;
  readonly error: unknown;
  readonly more: () => void;
  /** Does again what failed. */
  readonly retry: () => void;
  /** Ends what is being loaded; what is there stays, and `more` goes on behind it. */
  readonly stop: () => void;
  /** Begins anew, with what is there shown until then. */
  readonly restart: () => void;
}

/**
 * The first pages of a list.
 * @param load one page
 * @param keys others begin the list anew
 * @param stamp another one has what was loaded looked at again, after what is being loaded, and shown when all of it is
 * there
 * @param atOnce elements that are loaded before any is asked for, if there are as many
 */
export function usePages<T>(
  load: (cursor: string | undefined, signal: AbortSignal) => Promise<Page<T>>,
  keys: readonly unknown[],
  stamp: unknown,
  atOnce = 1,
): Paged<T> {
  const { signOut } = useApp();
  const [state, setState] = useState<Omit<Paged<T>, 'more' | 'retry' | 'stop' | 'restart'>>(EMPTY);
  const loaded = useRef<{ items: readonly T[]; cursor: string | null | undefined }>(NOTHING);
  const controller = useRef(new AbortController());
  /** Whether something is being loaded that is not to be begun anew by a stamp. */
  const isBusy = useRef(false);
  const again = useRef<(() => void) | undefined>(undefined);
  /** What was begun last, to be tried again. */
  const attempt = useRef<() => void>(() => undefined);

  /** Loads pages until there are `wanted` elements. @param isShown each page as it comes, or all at the end */
  const run = async (start: (typeof loaded)['current'], wanted: number, isShown: boolean) => {
    controller.current.abort();
    const mine = new AbortController();
    controller.current = mine;
    isBusy.current = true;
    attempt.current = () => void run(start, wanted, isShown);
    setState((before) => ({ ...before, isLoading: true, isStopped: false, error: undefined }));
    let { items, cursor } = start;
    try {
      do {
        const page: Page<T> = await load(cursor ?? undefined, mine.signal);
        items = [...items, ...page.data];
        cursor = page.nextCursor;
        if (mine.signal.aborted) return;
        const isLoading = cursor !== null && items.length < wanted;
        if (isShown || !isLoading) {
          loaded.current = { items, cursor };
          setState({ ...EMPTY, items, isComplete: cursor === null, isLoading });
        }
        if (!isLoading) return;
      } while (cursor !== null);
    } catch (error) {
      if (mine.signal.aborted) return;
      if (isRefused(error)) signOut(true);
      else setState((before) => ({ ...before, isLoading: false, error }));
    } finally {
      if (controller.current === mine) {
        isBusy.current = false;
        const next = again.current;
        again.current = undefined;
        if (!mine.signal.aborted) next?.();
      }
    }
  };
  const isFirst = useRef(true);
  useEffect(() => {
    loaded.current = NOTHING;
    again.current = undefined;
    setState(EMPTY);
    void run(NOTHING, atOnce, true);
    return () => controller.current.abort();
  }, keys);
  useEffect(() => {
    const look = () => void run(NOTHING, Math.max(atOnce, loaded.current.items.length), false);
    // The network may take longer for it than stamps lie apart.
    if (isBusy.current) again.current = isFirst.current ? undefined : look;
    else if (!isFirst.current) look();
    isFirst.current = false;
  }, [stamp]);
  return {
    ...state,
    restart: () => void run(NOTHING, atOnce, false),
    retry: () => attempt.current(),
    stop: () => {
      controller.current.abort();
      isBusy.current = false;
      again.current = undefined;
      setState((before) => ({ ...before, isLoading: false, isStopped: before.isLoading }));
    },
    more: () => {
      if (loaded.current.cursor !== null) {
        void run(loaded.current, loaded.current.items.length + 1, true);
      }
    },
  };
}

const EMPTY = {
  items: [],
  isComplete: false,
  isLoading: true,
  isStopped: false,
  error: undefined,
};
const NOTHING = { items: [], cursor: undefined };
