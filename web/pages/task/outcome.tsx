/** What became of a document: a picture and a word. */
import type { JSX } from 'preact';
import type { RowView } from '../../../shared/schemas/taskApi.ts';
import { useApp } from '../../app/app.ts';
import { Icon, type IconName } from '../../parts/icons.tsx';

type Status = RowView['documents'][number]['status'];

const LOOKS: Readonly<Record<Status, readonly [icon: IconName, tone: string]>> = {
  succeeded: ['check', 'good'],
  failed: ['cross', 'bad'],
  skipped: ['right', 'calm'],
  pending: ['clock', 'calm'],
};

export function Outcome({ status }: { readonly status: Status }): JSX.Element {
  const { texts } = useApp();
  const [icon, tone] = LOOKS[status];
  return (
    <span class={`status ${tone}`}>
      <Icon name={icon} />
      {texts.documents[status]}
    </span>
  );
}
