/** Chooses one of what was uploaded before. */
import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useApp } from '../../app/app.ts';
import { useLoad, useNow, useSettled } from '../../app/hooks.ts';
import { Button, ErrorNote } from '../../parts/basics.tsx';
import { Icon, type IconName } from '../../parts/icons.tsx';

/** Shown at first, and further ones each time. */
const SHOWN = 8;
/** After the last key. */
const PAUSE_MS = 250;

interface Uploaded {
  readonly name: string;
  readonly fileName: string;
  readonly createdAt: string;
  readonly status: string;
}

interface Found<T> {
  /** What was searched for. */
  readonly search: string;
  readonly items: readonly T[];
  readonly isComplete: boolean;
}

export function Chooser<T extends Uploaded>({
  title,
  searchLabel,
  icon,
  each,
  about,
  onChoose,
}: {
  readonly title: string;
  readonly searchLabel: string;
  readonly icon: IconName;
  /** All of them, newest first. */
  readonly each: (signal: AbortSignal) => AsyncIterable<T>;
  readonly about: (item: T) => ComponentChildren;
  readonly onChoose: (item: T) => void;
}): JSX.Element | null {
  const { texts, formats } = useApp();
  const now = useNow(60_000);
  const [typed, setTyped] = useState('');
  const [most, setMost] = useState(SHOWN);
  const search = useSettled(typed.trim().toLocaleLowerCase(), PAUSE_MS);
  const { data, error, isLoading, reload } = useLoad<Found<T>>(
    async (signal) => {
      const items: T[] = [];
      for await (const item of each(signal)) {
        const names = `${item.name} ${item.fileName}`.toLocaleLowerCase();
        if (item.status !== 'ready' || !names.includes(search)) continue;
        if (items.length === most) return { search, items, isComplete: false };
        items.push(item);
      }
      return { search, items, isComplete: true };
    },
    [search, most],
  );
  const isEmpty = data?.search === '' && data.items.length === 0;
  // Whoever comes for the first time has none, and need not see that it was looked for.
  if (isEmpty || (!data && error === undefined)) return null;
  return (
    <section class="chooser" aria-label={title}>
      <h3>{title}</h3>
      <ErrorNote error={error} onRetry={reload} />
      {data && (
        <>
          <label class="search">
            <span class="visually-hidden">{searchLabel}</span>
            <Icon name="search" />
            <input
              type="search"
              placeholder={searchLabel}
              value={typed}
              onInput={({ currentTarget }) => setTyped(currentTarget.value)}
            />
          </label>
          <ul aria-busy={isLoading}>
            {data.items.map((item) => (
              <li key={`${item.createdAt} ${item.name}`}>
                <button type="button" class="chosen" onClick={() => onChoose(item)}>
                  <Icon name={icon} />
                  <span>
                    <strong>{item.name}</strong>
                    <small>
                      {about(item)} · {formats.since(item.createdAt, now)}
                    </small>
                  </span>
                </button>
              </li>
            ))}
          </ul>
          {data.items.length === 0 && <p class="hint">{texts.wizard.noMatch}</p>}
          {!data.isComplete && (
            <Button onClick={() => setMost(most + SHOWN)} isBusy={isLoading}>
              {texts.wizard.more}
            </Button>
          )}
        </>
      )}
    </section>
  );
}
