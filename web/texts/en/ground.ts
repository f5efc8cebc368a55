import { PROBLEMS, type ProblemCode } from '../../../shared/problems.ts';
import { n, documents } from './numbers.ts';

export const ground = {
  name: 'English',
  app: {
    skip: 'Skip to the content',
    navigation: 'Main',
    tasks: 'Tasks',
    templates: 'Templates',
    data: 'Data',
    settings: 'Settings',
    newTask: 'New task',
    help: 'Shortcuts',
    signOut: 'Sign out',
    loading: 'Loading …',
    notFound: 'There is no such page.',
    home: 'Go to the tasks',
    copy: 'Copy',
    copied: 'Copied.',
    close: 'Close',
    back: 'Back',
    retry: 'Try again',
    newVersion: 'A part of the page could not be loaded. Load the page anew.',
    reload: 'Load anew',
  },
  connection: {
    live: 'Live',
    stream: 'Live, by a stream',
    polling: 'Asking every few seconds',
    connecting: 'Connecting …',
    again: 'Connection lost. Connecting again …',
    offline: 'No connection. Trying again by itself.',
    back: 'Connected again.',
  },
  errors: {
    title: 'That did not work',
    unreachable: 'Sheaf cannot be reached. Check the connection; then try again.',
    unexpected: 'Something answered that is not Sheaf. A proxy may be in between.',
    unreadable:
      'The file cannot be read: it was changed, moved or is a folder. Save it, then choose it again.',
    refusedUpload:
      'The place for the file is not open any more: it took too long until it was sent. Choose the file again.',
    broken: (fault: string) => `The page ran into a fault of its own: ${fault}`,
  },
  /** Why the service refused something, where what it says is not in the language of the page. */
  refusals: titlesOf(PROBLEMS),
  signIn: {
    title: 'Sign in',
    lead: 'Documents from a Word template and a table of rows: ten, or a million.',
    key: 'API key',
    hint: 'Whoever set up Sheaf for you has it. “npm start” prints a link that opens signed in.',
    remember: 'Remember me on this computer',
    rememberHint: 'Otherwise the key is forgotten when the tab is closed.',
    action: 'Sign in',
    checking: 'Signing in …',
    wrong: 'This key is not accepted. Check that it was copied whole.',
    missing: 'Enter the API key.',
    ended: 'You were signed out, as the key is not accepted any more.',
  },
  status: {
    pending: 'Not started',
    scheduled: 'Scheduled',
    queued: 'Waiting',
    running: 'Running',
    pausing: 'Pausing',
    paused: 'Paused',
    assembling: 'Packing',
    cancelling: 'Cancelling',
    completed: 'Done',
    partially_completed: 'Done, with failures',
    failed: 'Failed',
    cancelled: 'Cancelled',
  },
  statusSays: {
    pending: 'It was created, and waits for you to start it.',
    scheduled: 'It starts by itself at the time that was set.',
    queued: 'Other tasks are at work; it starts by itself when its turn has come.',
    running: 'Documents are being made.',
    pausing: 'What is under way stops at the next document.',
    paused: 'What was made is kept. Resume it whenever you like.',
    assembling: 'The documents are being packed into one ZIP.',
    cancelling: 'What is under way stops at the next document.',
    completed: 'All documents that were to be made are there.',
    partially_completed:
      'Some documents could not be made. Correct their rows and retry just those.',
    failed: 'The task could not be carried out.',
    cancelled: 'It was stopped for good. What was made can still be downloaded.',
  },
  counts: {
    made: 'made',
    failed: 'failed',
    skipped: 'skipped',
    left: 'left',
    progressOf: (percent: number) => `${percent} per cent`,
    documents,
  },
  help: {
    title: 'Keyboard',
    search: 'Search',
    help: 'This sheet',
    close: 'Close what is open',
    then: 'then',
  },
  /** Between what is put together; with the space that the language has there. */
  signs: { comma: ', ', colon: ': ', stop: '. ' },
  time: {
    seconds: (value: number) => n(value, { one: '# second', other: '# seconds' }),
    minutes: (value: number) => n(value, { one: '# minute', other: '# minutes' }),
    hours: (value: number) => n(value, { one: '# hour', other: '# hours' }),
    days: (value: number) => n(value, { one: '# day', other: '# days' }),
    and: (larger: string, smaller: string) => `${larger} ${smaller}`,
    lessThanSecond: 'less than a second',
  },
};

function titlesOf(problems: typeof PROBLEMS): Readonly<Record<ProblemCode, string>> {
  const titles = Object.entries(problems).map(([code, { title }]) => [code, title] as const);
  return Object.fromEntries(titles) as Record<ProblemCode, string>;
}
