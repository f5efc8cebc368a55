import { n } from './numbers.ts';

export const tasks = {
  tasks: {
    title: 'Tasks',
    search: 'Search by name',
    searching: (count: number) =>
      `Searching, ${n(count, { one: '# task', other: '# tasks' })} so far …`,
    all: 'All',
    filter: 'Show by state',
    active: 'At work',
    finished: 'Done',
    troubled: 'With failures',
    waiting: 'Waiting',
    name: 'Name',
    status: 'State',
    progress: 'Progress',
    created: 'Created',
    count: (count: number) => n(count, { one: '# task', other: '# tasks' }),
    noneFound: 'No task matches.',
    clear: 'Clear search and filter',
    more: (count: number) => n(count, { one: '# new task', other: '# new tasks' }),
    showNew: 'show',
    select: (name: string) => `Select ${name}`,
    selectAll: 'Select all that are shown',
    selected: (count: number) => n(count, { one: '# selected', other: '# selected' }),
    unselect: 'Clear selection',
    bulk: 'Actions for the selected tasks',
    emptyTitle: 'No task yet',
    emptyText:
      'A task takes a Word template and a table, and makes one document for each row. All of them come as one ZIP.',
    demo: 'See it with the example',
    ownFiles: 'Take your own files',
    demoText:
      'Uploads an offer letter and 1,000 people, two of them with a fault, and makes their letters in seconds.',
    demoTemplate: 'Uploading the template …',
    demoData: 'Uploading the table …',
    demoTask: 'Starting …',
    demoName: 'Example: offer letters',
    how: 'How it works',
    how1: 'Write a template',
    how1Text: 'A Word document with tags in braces: Dear {name}, …',
    how2: 'Give it a table',
    how2Text: 'Excel, CSV or JSON. A column for each tag.',
    how3: 'Check, then start',
    how3Text: 'Every row is checked before a document is made.',
  },
  actions: {
    start: 'Start',
    pause: 'Pause',
    resume: 'Resume',
    cancel: 'Cancel task',
    retry: 'Retry failed rows',
    remove: 'Delete',
    done: {
      start: 'Started.',
      pause: 'Pausing. What is under way stops at the next document.',
      resume: 'Resumed.',
      cancel: 'Cancelling. What was made is kept.',
      retry: 'Retrying.',
      remove: 'Deleted.',
    },
    confirm: {
      pause: {
        title: 'Pause this task?',
        text: (made: string, left: string) =>
          `${made} are made and kept; ${left} wait until you resume.`,
        action: 'Pause',
      },
      cancel: {
        title: 'Cancel this task for good?',
        text: (made: string, left: string) =>
          `${made} are made and stay downloadable; ${left} will not be made. This cannot be undone.`,
        action: 'Cancel task',
      },
      retry: {
        title: 'Retry the failed rows?',
        text: (count: number) =>
          `${n(count, { one: '# document is', other: '# documents are' })} tried again with the rows as they are, and the ZIP is packed anew.`,
        action: 'Retry',
      },
      remove: {
        title: 'Delete this task?',
        text: (made: string) =>
          `With it go its ${made}, the ZIP, the results and the log. Template and table stay. This cannot be undone.`,
        action: 'Delete',
      },
      many: (count: number) =>
        n(count, { one: 'This concerns # task.', other: 'This concerns # tasks.' }),
    },
    someFailed: (done: number, failed: number) => `${done} done, ${failed} refused.`,
  },
};
