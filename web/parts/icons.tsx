/** Small pictures. They say nothing that is not said in words beside them. */
import type { JSX } from 'preact';

const PATHS = {
  plus: 'M12 5v14M5 12h14',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  cross: 'M6 6l12 12M18 6L6 18',
  play: 'M8 5.5v13l10.5-6.5z',
  pause: 'M8.5 5.5v13M15.5 5.5v13',
  stop: 'M7 7h10v10H7z',
  retry: 'M4.5 12a7.5 7.5 0 1 0 2.3-5.4M4.5 4.5v4h4',
  trash: 'M5 7h14M10 7V5h4v2M7 7l1 12.5h8L17 7',
  download: 'M12 4v11M7.5 11l4.5 4.5 4.5-4.5M5 19.5h14',
  upload: 'M12 16V5M7.5 9L12 4.5 16.5 9M5 19.5h14',
  clock: 'M12 7v5l3.5 2M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17z',
  warning: 'M12 4.5l8.5 15h-17zM12 10v4.5M12 17v.1',
  info: 'M12 11v5.5M12 7.6v.1M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17z',
  tasks: 'M9 6.5h11M9 12h11M9 17.5h11M4 6.5l1 1 2-2M4 12l1 1 2-2M4 17.5l1 1 2-2',
  file: 'M6.5 3.5h7.5l4 4v13h-11.5zM14 3.5v4h4M9.5 12.5h5.5M9.5 16h5.5',
  table: 'M4 5.5h16v13H4zM4 10h16M4 14.2h16M10 5.5v13',
  settings:
    'M4 7h9M17 7h3M4 17h3M11 17h9M15 4.8a2.2 2.2 0 1 1 0 4.4 2.2 2.2 0 0 1 0-4.4zM9 14.8a2.2 2.2 0 1 1 0 4.4 2.2 2.2 0 0 1 0-4.4z',
  search: 'M10.5 4.5a6 6 0 1 0 0 12 6 6 0 0 0 0-12zM15 15l5 5',
  eye: 'M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 9.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6z',
  copy: 'M9 9h10.5v10.5H9zM5.5 15H4.5V4.5H15v1',
  edit: 'M4.5 19.5l1-4L16 5l3 3L8.5 18.5z',
  out: 'M14 4.5H5.5v15H14M10.5 12H20M16.5 8.5L20 12l-3.5 3.5',
  help: 'M9.3 9.2a2.8 2.8 0 1 1 4.2 2.4c-1 .6-1.5 1.1-1.5 2.2M12 17v.1M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17z',
  down: 'M6.5 9.5L12 15l5.5-5.5',
  right: 'M9.5 6.5L15 12l-5.5 5.5',
  left: 'M14.5 6.5L9 12l5.5 5.5',
  package: 'M12 3.5l7.5 4v9l-7.5 4-7.5-4v-9zM4.5 7.5l7.5 4 7.5-4M12 11.5v9',
  bell: 'M6 16.5c1-1 1.2-2.5 1.2-5a4.8 4.8 0 0 1 9.6 0c0 2.5.2 4 1.2 5zM10 19.5h4',
  repeat:
    'M5 12V9.5A2.5 2.5 0 0 1 7.5 7H18M15 4l3 3-3 3M19 12v2.5a2.5 2.5 0 0 1-2.5 2.5H6M9 20l-3-3 3-3',
} as const;

export type IconName = keyof typeof PATHS;

export const Icon = ({ name }: { readonly name: IconName }): JSX.Element => (
  <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
    <path d={PATHS[name]} />
  </svg>
);
