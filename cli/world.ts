/** The world around a command, and what every command can be told. */
import type { Screen } from './terminal/screen.ts';

/** What every command takes. */
export interface SharedOptions {
  /** Address of an API; absent: the profile's, that of SHEAF_API_URL, or the local cloud. */
  readonly endpoint?: string | undefined;
  readonly profile?: string | undefined;
  /** A file with the API key. */
  readonly keyFile?: string | undefined;
  readonly json?: boolean | undefined;
  readonly quiet?: boolean | undefined;
  readonly verbose?: boolean | undefined;
  /** False with --no-color. */
  readonly color?: boolean | undefined;
}

/** The world around a command. */
export interface World {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly stdin: NodeJS.ReadStream;
  /** Results, for people and programs. */
  readonly out: Screen;
  /** Progress, notes and errors. */
  readonly err: Screen;
}
