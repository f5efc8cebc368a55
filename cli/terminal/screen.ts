/** Where text is shown: standard output, standard error, or what a test looks at. */

export interface Screen {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

/** Columns of a terminal that does not tell. */
export const USUAL_COLUMNS = 80;

/**
 * Whether colours are to be shown: on a terminal, unless NO_COLOR (https://no-color.org) or a dumb terminal
 * says otherwise.
 */
export const isColourful = (
  screen: Screen,
  env: Readonly<Record<string, string | undefined>>,
): boolean => screen.isTTY === true && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';

/**
 * Text of others, such as a message of a service or a name of a file, as one line that cannot move the cursor,
 * change colours or hide what stands beside it.
 */
export const plain = (text: string): string =>
  // eslint-disable-next-line no-control-regex -- Control characters are what is taken out.
  text.replace(/[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+/g, ' ');
