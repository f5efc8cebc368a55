/** How long the client waits for what, and how often it tries. */

/** Tries of one call, the first among them: waits of at most 0.25, 0.5, 1, 2 and 4 s lie between. */
export const MAX_TRIES = 6;
/** The longest wait after the first try; it doubles from try to try, up to the longest of all. */
export const FIRST_WAIT_MS = 250;
export const LONGEST_WAIT_MS = 8_000;
/** No try begins later than this after the first. A Retry-After that leads beyond it is the caller's. */
export const RETRY_FOR_MS = 60_000;
/** Of one try: the gateway answers after 30 s at the latest, and a body of 3 MB takes a while. */
export const ANSWER_TIMEOUT_MS = 60_000;
/**
 * A gateway's 503 that came sooner is no timeout of the function behind it, which is 29 s: the request
 * never reached it, and may be sent again whatever it does.
 */
export const UNDECIDED_MS = 20_000;

/** Between two looks at a data source that is being read: the first, and the longest; each is a half more. */
export const FIRST_LOOK_MS = 100;
export const LONGEST_LOOK_MS = 2_000;

/**
 * After this long without a word on a WebSocket the state is asked for on it; doubles while nothing
 * happens, up to the longest, which is well below the 10 minutes after which the gateway closes.
 */
export const FIRST_SILENCE_MS = 10_000;
export const LONGEST_SILENCE_MS = 4 * 60_000;
/** An answer to that, or the opening of a connection, takes at most this long. */
export const REPLY_TIMEOUT_MS = 10_000;

/**
 * Connections of one kind in a row that bring not a word, until the next kind is taken: some seconds where
 * they are refused. One that stays silent counts twice, as something in between swallows it.
 */
export const MAX_MUTE = 4;
/** Where only requests get through, the state is asked for this often, and the other kinds tried again so seldom. */
export const POLL_MS = 1_000;
export const OWNER_POLL_MS = 3_000;
export const POLL_FOR_MS = 60_000;
/** Between a stream of server-sent events that has ended by itself and the next, as its `retry` says. */
export const EVENT_STREAM_PAUSE_MS = 1_000;
