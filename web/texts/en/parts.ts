import { n } from './numbers.ts';

export const parts = {
  preview: {
    of: (name: string) => `Preview of ${name}`,
    note: 'Drawn by your browser: lines and pages may break elsewhere than in Word.',
    broken: 'This document cannot be drawn here. Open it in Word to look at it.',
    cut: (count: number) =>
      n(count, {
        one: 'Only the first page is drawn here.',
        other: 'Only the first # pages are drawn here.',
      }),
    whole: 'Download the whole document',
    picture: 'Picture',
    chart: 'Chart',
  },
  drop: {
    data: 'Drop a table here',
    dataKinds: '.xlsx, .csv, .json or .jsonl',
    checking: (name: string) => `Reading ${name} …`,
    template: 'Drop a Word document here',
    templateKinds: 'A .docx with tags such as {name}',
    choose: 'Choose a file',
    uploading: (name: string) => `Uploading ${name} …`,
    oneOnly: 'Drop one file at a time.',
  },
  delivery: {
    status: { pending: 'On its way', delivered: 'Delivered', failed: 'Not delivered' },
    next: (when: string) => `Next attempt ${when}`,
    replay: 'Send again',
    replayed: 'It is sent again.',
  },
};
