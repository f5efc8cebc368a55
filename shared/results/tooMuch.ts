/** The results of a task do not fit into what was asked for. The message says why, as the middle of a sentence. */
export class TooMuch extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'TooMuch';
  }
}
