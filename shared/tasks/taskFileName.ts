/** How files of a task are called by whoever downloads them. */
import type { TaskItem } from '../schemas/items.ts';

/** Characters that a file name cannot have somewhere, and control characters. */
// eslint-disable-next-line no-control-regex
const UNSAFE = /[\u0000-\u001f\u007f<>:"/\\|?*]+/g;

/** The task's name as that of a file, without an ending. @param otherwise for a name of which nothing is left */
export const fileNameOf = ({ name }: Pick<TaskItem, 'name'>, otherwise: string): string =>
  name
    .normalize('NFC')
    .replace(UNSAFE, '-')
    .replace(/^[.\s-]+|[.\s-]+$/g, '') || otherwise;
