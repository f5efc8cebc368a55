/** What ends a demo. */

/** Why there is nothing to download, in words for the terminal. */
export class DemoError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'DemoError';
  }
}
