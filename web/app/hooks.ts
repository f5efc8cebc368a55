/** Loading, and doing, with what goes wrong. */
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { useApp, useCommon } from './app.ts';
import { isRefused } from './refused.ts';

export interface Loaded<T> {
  readonly data: T | undefined;
  readonly error: unknown;
  readonly isLoading: boolean;
  readonly reload: () => void;
  /** Puts something newer in its place. */
  readonly set: (data: T) => void;
}

/**
 * Loads when the page shows, and again when `keys` change.
 * @param load ends when its signal does
 * @param stamp another one has it loaded anew, once what is being loaded is there: the network may take longer for it
 * than stamps lie apart
 */
export function useLoad<T>(
  load: (signal: AbortSignal) => Promise<T>,
  keys: readonly unknown[],
  stamp?: unknown,
): Loaded<T> {
  const { signOut } = useApp();
  const [state, setState] = useState<{ data?: T; error?: unknown; isLoading: boolean }>({
    isLoading: true,
  });
  const [turn, setTurn] = useState(0);
  const loaded = useRef(stamp);
  useEffect(() => {
    const controller = new AbortController();
    loaded.current = stamp;
    setState((before) => ({ ...before, isLoading: true, error: undefined }));
    load(controller.signal).then(
      (data) => {
        if (!controller.signal.aborted) setState({ data, isLoading: false });
      },
      (error: unknown) => {
        if (controller.signal.aborted) return;
        if (isRefused(error)) signOut(true);
        else setState((before) => ({ ...before, error, isLoading: false }));
      },
    );
    return () => controller.abort();
    // The keys say when it is to be loaded.
  }, [...keys, turn]);
  useEffect(() => {
    if (!state.isLoading && stamp !== loaded.current) setTurn((n) => n + 1);
  }, [stamp, state.isLoading]);
  return {
    data: state.data,
    error: state.error,
    isLoading: state.isLoading,
    reload: useCallback(() => setTurn((n) => n + 1), []),
    set: useCallback((data: T) => setState({ data, isLoading: false }), []),
  };
}

export interface Doing {
  readonly isBusy: boolean;
  readonly error: unknown;
  /** Does something, one at a time; what goes wrong is in `error`. @returns whether it went well */
  run(work: () => Promise<void>): Promise<boolean>;
  readonly clear: () => void;
}

export function useDoing(): Doing {
  const { signOut } = useApp();
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const busy = useRef(false);
  const run = async (work: () => Promise<void>): Promise<boolean> => {
    if (busy.current) return false;
    busy.current = true;
    setBusy(true);
    setError(undefined);
    try {
      await work();
      return true;
    } catch (caught) {
      if (isRefused(caught)) signOut(true);
      else setError(caught);
      return false;
    } finally {
      busy.current = false;
      setBusy(false);
    }
  };
  return { isBusy, error, run, clear: () => setError(undefined) };
}

/** Whether the part of the page that asks is still there: what comes later leads nobody away from where they went. */
export function useHere(): () => boolean {
  const isHere = useRef(true);
  useEffect(() => {
    isHere.current = true;
    return () => void (isHere.current = false);
  }, []);
  return useCallback(() => isHere.current, []);
}

/** The title of the window while the page shows. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title === '' ? 'Sheaf' : `${title} · Sheaf`;
  }, [title]);
}

/** The time, told anew every `ms`. */
export function useNow(ms: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), ms);
    return () => clearInterval(timer);
  }, [ms]);
  return now;
}

/** A value that people type, when it has been the same for `ms`; nothing is waited for where it is emptied. */
export function useSettled(value: string, ms: number): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return value === '' ? '' : settled;
}

/** After the last key, in ms: nobody who types wants to hear of each letter. */
const TYPED_MS = 600;

/**
 * Says what came of something that people choose or type, once for each.
 * @param about what was chosen: a text is said for it once, however often its numbers change afterwards
 * @param text undefined as long as there is nothing to say
 */
export function useAnnounced(about: string, text: string | undefined): void {
  const { announce } = useCommon();
  const said = useRef<string>(undefined);
  const last = useRef(text);
  last.current = text;
  useEffect(() => {
    if (said.current !== about && text === undefined) said.current = undefined;
    if (text === undefined || said.current === about) return undefined;
    const timer = setTimeout(() => {
      said.current = about;
      announce(last.current ?? text);
    }, TYPED_MS);
    return () => clearTimeout(timer);
  }, [about, text === undefined]);
}

/** Whether the page is as narrow as a phone. */
export function useNarrow(): boolean {
  const query = useMemo(() => matchMedia('(max-width: 720px)'), []);
  const [isNarrow, setNarrow] = useState(query.matches);
  useEffect(() => {
    const update = () => setNarrow(query.matches);
    query.addEventListener('change', update);
    return () => query.removeEventListener('change', update);
  }, [query]);
  return isNarrow;
}
