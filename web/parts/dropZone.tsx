/** Takes one file: dropped, chosen, or by the keyboard. */
import type { JSX } from 'preact';
import { useId, useRef, useState } from 'preact/hooks';
import { useCommon } from '../app/app.ts';
import { Icon } from './icons.tsx';

export function DropZone({
  title,
  kinds,
  accept,
  busy,
  onFile,
}: {
  readonly title: string;
  readonly kinds: string;
  /** Endings, as the file dialog takes them. */
  readonly accept: string;
  /** What is being done with the file before. */
  readonly busy?: string | undefined;
  readonly onFile: (file: File) => void;
}): JSX.Element {
  const { texts, tell } = useCommon();
  const [isOver, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const id = useId();
  const take = (files: FileList | null | undefined) => {
    const [file] = files ?? [];
    if (!file || busy !== undefined) return;
    if (files && files.length > 1) tell(texts.drop.oneOnly, 'failed');
    else onFile(file);
  };
  return (
    <div
      class={`drop${isOver ? ' over' : ''}`}
      aria-busy={busy !== undefined}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        take(event.dataTransfer?.files);
      }}
    >
      {busy === undefined ? <Icon name="upload" /> : <span class="spinner" aria-hidden="true" />}
      <p class="drop-title" role="status">
        {busy ?? title}
      </p>
      <p class="hint">{kinds}</p>
      <input
        ref={input}
        id={id}
        type="file"
        accept={accept}
        class="visually-hidden"
        disabled={busy !== undefined}
        onChange={() => {
          take(input.current?.files);
          if (input.current) input.current.value = '';
        }}
      />
      <label for={id} class="button plain">
        <span>{texts.drop.choose}</span>
      </label>
    </div>
  );
}
