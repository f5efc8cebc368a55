/** docs/problems.md: every code that a client can meet, from the one registry. */
import {
  DATA_PROBLEMS,
  FAILURES,
  FINDINGS,
  PROBLEMS,
  TEMPLATE_FAULTS,
} from '../../shared/problems.ts';

const rows = (codes: Readonly<Record<string, string>>): string[] => [
  '| code | means |',
  '| --- | --- |',
  ...Object.entries(codes).map(([code, title]) => `| \`${code}\` | ${title} |`),
];

/** The page as Markdown. */
export const problemsPage = (): string =>
  [
    '# Problems',
    '',
    'Every code that Sheaf tells of what went wrong; programs go by them, people by the `detail` beside',
    'each, which says what is wrong, where, and what to do. Made from `shared/problems.ts` by',
    '`npm run openapi`.',
    '',
    '## Of a request',
    '',
    'The `code` of a problem document (RFC 9457). The same request may succeed later where it is',
    'retryable.',
    '',
    '| code | status | retryable | means |',
    '| --- | --- | --- | --- |',
    ...Object.entries(PROBLEMS).map(
      ([code, { status, title, retryable }]) =>
        `| \`${code}\` | ${status} | ${retryable ? 'yes' : 'no'} | ${title} |`,
    ),
    '',
    '## Of a template',
    '',
    'The `code` of each of the `errors` of `TEMPLATE_INVALID`.',
    '',
    ...rows(TEMPLATE_FAULTS),
    '',
    '## Of data',
    '',
    'The `code` of each of the `problems` of a data source, and of the `errors` of `DATA_INVALID`.',
    '',
    ...rows(DATA_PROBLEMS),
    '',
    '## Of a document',
    '',
    'The `code` of a failure: in the failure report, in events, and in the list of failures.',
    '',
    ...rows(FAILURES),
    '',
    '## Of a check',
    '',
    'The `code` of a finding: what a check of rows tells before a document is made.',
    '',
    ...rows(FINDINGS),
    '',
  ].join('\n');
