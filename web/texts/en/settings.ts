import { n } from './numbers.ts';

export const settings = {
  settings: {
    title: 'Settings',
    usage: 'Usage',
    running: 'Tasks at work',
    queued: 'Tasks that wait',
    limit: (count: number) => `of ${n(count, { other: '#' })} at a time`,
    made: 'Documents made',
    budgetNone: 'no limit',
    budgetOf: (count: number) => `of ${n(count, { other: '#' })}`,
    reserved: 'Reserved by tasks at work',
    appearance: 'Appearance',
    language: 'Language',
    theme: 'Theme',
    system: 'As the system',
    light: 'Light',
    dark: 'Dark',
    session: 'Session',
    sessionTab: 'Signed in for this tab.',
    sessionKept: 'Signed in, and remembered on this computer.',
  },
};
