/** Keeps a fault of one page to that page: the way to the others stays. */
import type { ComponentChildren, JSX } from 'preact';
import { useErrorBoundary } from 'preact/hooks';
import { ErrorNote } from './basics.tsx';

export function Guard({ children }: { readonly children: ComponentChildren }): JSX.Element {
  const [error, again] = useErrorBoundary() as readonly [unknown, () => void];
  return error === undefined ? <>{children}</> : <ErrorNote error={error} onRetry={again} />;
}
