/** The state of a task: a picture and a word. */
import type { JSX } from 'preact';
import type { TaskStatus } from '../../shared/schemas/common.ts';
import { useCommon } from '../app/app.ts';
import { Icon, type IconName } from './icons.tsx';

const LOOKS: Readonly<Record<TaskStatus, readonly [icon: IconName, tone: string]>> = {
  pending: ['clock', 'calm'],
  scheduled: ['clock', 'calm'],
  queued: ['clock', 'calm'],
  running: ['play', 'busy'],
  pausing: ['pause', 'warn'],
  paused: ['pause', 'warn'],
  assembling: ['package', 'busy'],
  cancelling: ['stop', 'calm'],
  completed: ['check', 'good'],
  partially_completed: ['warning', 'warn'],
  failed: ['cross', 'bad'],
  cancelled: ['stop', 'calm'],
};

export function Status({ status }: { readonly status: TaskStatus }): JSX.Element {
  const { texts } = useCommon();
  const [icon, tone] = LOOKS[status];
  return (
    <span class={`status ${tone}`} title={texts.statusSays[status]}>
      <Icon name={icon} />
      {texts.status[status]}
    </span>
  );
}
