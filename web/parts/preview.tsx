/** A document as the browser draws it. What draws it is loaded when one is to be seen. */
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { useCommon } from '../app/app.ts';
import { saveBytes } from '../app/download.ts';
import { Button, Loading, Note, PartMissing } from './basics.tsx';

/** Between the page and its frame, on both sides together. */
const FRAME_PX = 24;
const LEAST_ZOOM = 0.2;

/**
 * The pages of a Word document, one below the other, as wide as there is room.
 * @param name of the document, which is said to those who hear the page
 */
export function DocumentPreview({
  bytes,
  name,
}: {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly name: string;
}): JSX.Element {
  const { texts } = useCommon();
  const words = texts.preview;
  const frame = useRef<HTMLDivElement>(null);
  const [state, setState] = useState<'drawing' | 'drawn' | 'broken' | 'missing'>('drawing');
  /** How many pages are drawn of those that there are; undefined where it is all of them. */
  const [cutAt, setCutAt] = useState<number>();
  useEffect(() => {
    let isOver = false;
    let close: (() => void) | undefined;
    setState('drawing');
    const draw = async () => {
      const drawing = await import('./preview/drawDocument.ts').catch(() => undefined);
      if (!drawing) {
        if (!isOver) setState('missing');
        return;
      }
      const drawn = await drawing.drawDocument(bytes, words);
      const place = frame.current;
      if (isOver || !place) {
        drawn.close();
        return;
      }
      place.replaceChildren(drawn.element);
      setCutAt(drawn.layOut() ? undefined : drawn.element.childElementCount);
      const width = widest(drawn.element);
      const fit = () => {
        const room = place.clientWidth - FRAME_PX;
        drawn.element.style.zoom = String(Math.max(LEAST_ZOOM, Math.min(1, room / width)));
      };
      const watcher = new ResizeObserver(fit);
      watcher.observe(place);
      close = () => {
        watcher.disconnect();
        drawn.close();
      };
      setState('drawn');
    };
    draw().catch(() => {
      if (!isOver) setState('broken');
    });
    return () => {
      isOver = true;
      close?.();
    };
  }, [bytes]);
  const isWithout = state === 'broken' || state === 'missing';
  return (
    <figure class="preview">
      {state === 'drawing' && <Loading />}
      {state === 'missing' && <PartMissing />}
      {state === 'broken' && <Note kind="warning" title={words.broken} />}
      {state === 'drawn' && cutAt !== undefined && (
        <Note kind="info" title={words.cut(cutAt)}>
          <Button icon="download" onClick={() => saveBytes(name, bytes)}>
            {words.whole}
          </Button>
        </Note>
      )}
      <div
        ref={frame}
        class="preview-frame"
        role="group"
        aria-label={words.of(name)}
        // So that it can be scrolled by the keyboard.
        tabIndex={state === 'drawn' ? 0 : -1}
        hidden={isWithout}
      />
      {!isWithout && <figcaption class="hint">{words.note}</figcaption>}
    </figure>
  );
}

/** The width of the widest page, in pixels, while it is not zoomed. */
const widest = (element: HTMLElement): number =>
  Math.max(1, ...[...element.children].map((page) => (page as HTMLElement).offsetWidth));
