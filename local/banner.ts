/** What `npm start` prints once the local cloud is ready. */
import { taskPaths } from '../shared/api/paths.ts';

export interface BannerInput {
  readonly apiUrl: string;
  readonly websocketUrl: string;
  readonly eventsUrl: string;
  readonly servicesUrl: string;
  readonly dataDir: string;
  readonly apiKey: string;
  readonly tableName: string;
  readonly bucketName: string;
  /** Whether bold and grey can be shown. */
  readonly styled: boolean;
}

export function banner(input: BannerInput): string {
  const style = (code: number, text: string) =>
    input.styled ? `\u001b[${code}m${text}\u001b[0m` : text;
  const line = (label: string, value: string) => `  ${style(2, label.padEnd(10))} ${value}\n`;
  return (
    `\n${style(1, 'Sheaf runs on this machine.')}\n\n` +
    line('Console', consoleLink(input)) +
    line('API', input.apiUrl) +
    line('WebSocket', input.websocketUrl) +
    line('Events', input.eventsUrl) +
    line('Services', `${input.servicesUrl}  (S3, DynamoDB, Step Functions, Secrets Manager)`) +
    line('Table', input.tableName) +
    line('Bucket', input.bucketName) +
    line('Data', input.dataDir) +
    line('API key', input.apiKey) +
    '\n' +
    line(
      'Try',
      `curl -H "Authorization: Bearer ${input.apiKey}" ${input.apiUrl}${taskPaths.tasks}`,
    ) +
    line('Stop', 'Ctrl+C; the next start goes on where this one was') +
    '\n'
  );
}

/**
 * Opens the console signed in. The key is behind the #, which browsers send to nobody, and the page takes it
 * out of the address at once.
 */
const consoleLink = ({ apiUrl, apiKey }: Pick<BannerInput, 'apiUrl' | 'apiKey'>): string =>
  `${new URL('/', apiUrl).href}#key=${encodeURIComponent(apiKey)}`;

/** https://no-color.org; a pipe or a dumb terminal gets plain text. */
export const isStyled = (
  isTty: boolean,
  environment: Readonly<Record<string, string | undefined>>,
): boolean => isTty && (environment.NO_COLOR ?? '') === '' && environment.TERM !== 'dumb';
