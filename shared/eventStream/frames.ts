/**
 * The text of a stream of server-sent events
 * (https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream).
 */

/** An event. `data` has no line breaks, as JSON without spaces has none. */
export interface Frame {
  readonly event: string;
  /** What the client names when it comes again; left out where that means nothing. */
  readonly id?: number;
  readonly data: string;
}

export const frameText = ({ event, id, data }: Frame): string =>
  `event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${data}\n\n`;

/** A line that clients pass over, so that nobody between takes the connection for dead. */
export const COMMENT = ': still here\n\n';

/** After which time a client comes again. @param ms milliseconds */
export const retryText = (ms: number): string => `retry: ${ms}\n\n`;
