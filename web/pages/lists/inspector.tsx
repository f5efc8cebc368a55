/** A template or a table, looked at: its file, what it holds, where it is used. */
import type { ComponentChildren, JSX } from 'preact';
import { useApp } from '../../app/app.ts';
import { Button, ErrorNote, ListInEnglish, Loading, Note } from '../../parts/basics.tsx';
import { Dialog } from '../../parts/dialog.tsx';

export interface InspectorProps {
  readonly id: string;
  readonly users: JSX.Element;
  readonly onClose: () => void;
  readonly onRemove: () => void;
}

export function Inspector({
  kind,
  file,
  error,
  isWide = false,
  actions,
  users,
  onClose,
  onRemove,
  children,
}: Omit<InspectorProps, 'id'> & {
  /** What it is called until its name is there. */
  readonly kind: string;
  /** Undefined until it is loaded. */
  readonly file:
    | {
        readonly name: string;
        readonly fileName: string;
        readonly createdAt: string;
        readonly status: 'awaiting_upload' | 'ingesting' | 'ready' | 'invalid';
      }
    | undefined;
  readonly error: unknown;
  readonly isWide?: boolean;
  readonly actions?: ComponentChildren;
  readonly children: ComponentChildren;
}): JSX.Element {
  const { texts, formats } = useApp();
  return (
    <Dialog
      title={<bdi>{file?.name ?? kind}</bdi>}
      isWide={isWide}
      onClose={onClose}
      actions={
        file && (
          <>
            <Button icon="trash" onClick={onRemove}>
              {texts.actions.remove}
            </Button>
            {actions}
          </>
        )
      }
    >
      <ErrorNote error={error} />
      {!file && error === undefined && <Loading />}
      {file && (
        <div class="stack">
          <p class="hint">
            <bdi>{file.fileName}</bdi> · {formats.date(file.createdAt)}
          </p>
          {file.status !== 'ready' && (
            <Note kind={file.status === 'ingesting' ? 'info' : 'warning'}>
              {texts.lists.statusSays[file.status]}
            </Note>
          )}
          {children}
          {users}
        </div>
      )}
    </Dialog>
  );
}

export function Warnings({
  warnings = [],
}: {
  readonly warnings?: readonly string[] | undefined;
}): JSX.Element | null {
  const { texts } = useApp();
  if (warnings.length === 0) return null;
  return (
    <Note kind="warning" title={texts.lists.warnings}>
      <ListInEnglish sentences={warnings} />
    </Note>
  );
}
