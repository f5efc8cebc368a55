/** Files that a command saves: what it may replace, and how far it is. */
import type { Context } from '../context.ts';
import type { Saving } from '../files/saveFile.ts';
import type { SavedPlace } from '../generate/jobEvents.ts';
import { createLiveView } from '../terminal/liveView.ts';
import { counted, size } from '../terminal/words.ts';

/**
 * Saves something while it is shown how much of it has come.
 * @param force whether files that are there may be replaced
 */
export async function withProgress<T>(
  context: Context,
  force: boolean,
  save: (saving: Saving) => Promise<T>,
): Promise<T> {
  const screen = context.options.quiet === true ? { write: () => undefined } : context.err;
  // Without a terminal a download is too soon over to be told of.
  const view = screen.isTTY === true ? createLiveView(screen, context.colour) : undefined;
  let bytes = 0;
  const onBytes = (count: number) => {
    bytes += count;
    view?.show('saving', { parts: ['saving', size(bytes)] });
  };
  try {
    return await save({ signal: context.interrupts.signal, force, onBytes });
  } finally {
    view?.hide('saving');
    view?.end();
  }
}

/** What was saved where. */
export function tellSaved(
  context: Context,
  {
    path,
    bytes,
    documents,
    unchanged,
  }: Pick<SavedPlace, 'path' | 'bytes' | 'documents' | 'unchanged'>,
): void {
  if (context.options.json === true) {
    return context.tell({ type: 'saved', path, bytes, documents, unchanged });
  }
  const parts = [
    size(bytes),
    documents !== undefined && counted(documents, 'document'),
    unchanged !== undefined && unchanged > 0 && `${counted(unchanged, 'file')} unchanged`,
  ].filter((part) => part !== undefined && part !== false);
  context.print(`${path}  ${parts.join(', ')}`);
}
