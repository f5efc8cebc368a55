/** Parts that are loaded when they are wanted. */
import { useEffect, useState } from 'preact/hooks';

/** What `load` gives; undefined until it is there, and where it cannot be loaded. */
export function useLater<T>(load: () => Promise<T>): T | undefined {
  const [loaded, setLoaded] = useState<{ readonly part: T }>();
  useEffect(() => {
    load().then(
      (part) => setLoaded({ part }),
      // The page does without.
      () => undefined,
    );
  }, []);
  return loaded?.part;
}
