/** Dialogs: the browser's own, which keep the focus inside and close by Escape. */
import type { ComponentChildren, JSX } from 'preact';
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { useCommon } from '../app/app.ts';
import { Button } from './basics.tsx';

export function Dialog({
  title,
  onClose,
  children,
  isWide = false,
  actions,
}: {
  readonly title: ComponentChildren;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
  readonly isWide?: boolean;
  readonly actions?: ComponentChildren;
}): JSX.Element {
  const { texts, enter } = useCommon();
  const dialog = useRef<HTMLDialogElement>(null);
  const wasPressedBeside = useRef(false);
  const body = useRef<HTMLDivElement>(null);
  const titleId = useId();
  const [isScrolled, setScrolled] = useState(false);
  const close = useRef(onClose);
  close.current = onClose;
  useLayoutEffect(() => {
    const element = dialog.current;
    if (!element) return undefined;
    // By Escape the browser closes it: a second Escape is not to be stopped, so neither is the first.
    const onClosed = () => close.current();
    element.addEventListener('close', onClosed);
    element.showModal();
    const leave = enter(element);
    return () => {
      element.removeEventListener('close', onClosed);
      leave();
      // The browser gives the focus back to what had it before.
      element.close();
    };
  }, []);
  // What is longer than the window is scrolled by the keyboard, too.
  useLayoutEffect(() => {
    const element = body.current;
    if (!element) return undefined;
    const observer = new ResizeObserver(() =>
      setScrolled(element.scrollHeight > element.clientHeight + 1),
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return (
    <dialog
      ref={dialog}
      class={isWide ? 'wide' : undefined}
      aria-labelledby={titleId}
      onPointerDown={({ target }) => (wasPressedBeside.current = target === dialog.current)}
      onClick={({ target }) => {
        // Not where a text was marked from the inside out.
        if (target === dialog.current && wasPressedBeside.current) onClose();
      }}
    >
      <div class="dialog">
        <header>
          <h2 id={titleId}>{title}</h2>
          <Button kind="quiet" icon="cross" label={texts.app.close} onClick={onClose} />
        </header>
        <div
          ref={body}
          class="dialog-body"
          {...(isScrolled && { role: 'group', tabIndex: 0, 'aria-labelledby': titleId })}
        >
          {children}
        </div>
        {actions !== undefined && <footer>{actions}</footer>}
      </div>
    </dialog>
  );
}

export interface Question {
  readonly title: string;
  readonly text: ComponentChildren;
  readonly action: string;
  readonly isDangerous?: boolean;
  readonly onConfirm: () => void;
}

/** Asks before something is done that cannot be taken back, or concerns much. */
export function Confirm({
  question,
  onClose,
}: {
  readonly question: Question;
  readonly onClose: () => void;
}): JSX.Element {
  const { texts } = useCommon();
  return (
    <Dialog
      title={question.title}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{texts.app.back}</Button>
          <Button
            kind={question.isDangerous ? 'danger' : 'main'}
            onClick={() => {
              onClose();
              question.onConfirm();
            }}
          >
            {question.action}
          </Button>
        </>
      }
    >
      <p>{question.text}</p>
    </Dialog>
  );
}
