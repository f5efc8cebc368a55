/**
 * What is outside of the domain, as the domain sees it. functions/adapters/ implement these over AWS;
 * test/support/ has in-memory ones; one contract suite per port runs over both.
 */
import type { EgressRules } from './egress/addresses.ts';
import type { OwnerIndexName } from './names.ts';

/** `length` bytes from `offset` (0-based). */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

export interface PutOptions {
  readonly contentType?: string;
  /** Store only if the key is free (S3 If-None-Match: *). */
  readonly ifAbsent?: boolean;
}

/** A multipart upload (Amazon S3 API Reference, CreateMultipartUpload). Part numbers are 1-based. */
export interface MultipartUpload {
  uploadPart(partNumber: number, body: Uint8Array): Promise<void>;
  /** Copies on the server side; a range needs a source above 5 MiB. */
  copyPart(partNumber: number, sourceKey: string, range?: ByteRange): Promise<void>;
  /** Publishes the object; false when `ifAbsent` was asked and the key was taken meanwhile. */
  complete(options?: { ifAbsent?: boolean }): Promise<boolean>;
  /** Forgets the parts; safe to repeat. */
  abort(): Promise<void>;
}

export interface PresignedUpload {
  readonly url: string;
  /** Headers that the PUT must carry, as signed. */
  readonly headers: Record<string, string>;
}

/** The bucket. Keys come from keys.ts. A missing object raises ObjectMissing. */
export interface ObjectStore {
  /** False when `ifAbsent` was asked and the key is taken. */
  put(key: string, body: Uint8Array, options?: PutOptions): Promise<boolean>;
  /** Size and entity tag, or undefined when there is no such object. */
  head(key: string): Promise<{ bytes: number; etag: string } | undefined>;
  /**
   * All bytes, or those of a range; fewer where the range reaches beyond the object's end.
   * @param memory of the range's length, that may be used for them
   */
  read(key: string, range?: ByteRange, memory?: Uint8Array): Promise<Uint8Array>;
  /** The same bytes as they arrive; the stream is closed when the iteration ends early. */
  stream(key: string, range?: ByteRange): AsyncIterable<Uint8Array>;
  /**
   * Keys that begin with this, in the order of their bytes, at most so many (1 to 1,000); whether these are all. It
   * sees every object whose write has ended.
   */
  list(prefix: string, limit: number): Promise<{ keys: string[]; isAll: boolean }>;
  /** Deletes an object; one that is not there is no matter. */
  delete(key: string): Promise<void>;
  startUpload(key: string, options?: { contentType?: string }): Promise<MultipartUpload>;
  presignPut(
    key: string,
    options: { expiresInSeconds: number; contentType: string },
  ): Promise<PresignedUpload>;
  presignGet(
    key: string,
    options: { expiresInSeconds: number; fileName: string; contentType: string },
  ): Promise<string>;
}

/** Raised by ObjectStore for a key that holds nothing. */
export class ObjectMissing extends Error {
  readonly key: string;
  constructor(key: string) {
    super(`There is no object at ${key}.`);
    this.name = 'ObjectMissing';
    this.key = key;
  }
}

export interface ItemKey {
  readonly pk: string;
  readonly sk: string;
}

/** Attributes of an item; plain JSON without undefined. Key attributes pk and sk are among them. */
export type Item = Record<string, unknown>;

/** A condition on the present state of the item that is written. */
export type Condition =
  | { readonly absent: string }
  | { readonly present: string }
  | {
      readonly attribute: string;
      readonly is: '=' | '<>' | '<' | '<=' | '>' | '>=';
      readonly value: string | number | boolean;
    }
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] };

/** Top-level attributes to set, numbers to add (absent counts as 0), attributes to remove. */
export interface Change {
  readonly set?: Readonly<Record<string, unknown>>;
  readonly add?: Readonly<Record<string, number>>;
  readonly remove?: readonly string[];
}

export interface Query {
  /** Partition key of the table, or of an index of owners when `index` says so. */
  readonly partition: string;
  /** Its items are keys and INDEXED_ATTRIBUTES only. */
  readonly index?: OwnerIndexName;
  /** Only items whose sort key begins with this. */
  readonly prefix?: string;
  /** Of those, only sort keys from this one on, itself included; needs `prefix`, and begins with it. */
  readonly from?: string;
  /** Of those, only sort keys up to this one, itself included; needs `prefix`, and begins with it. */
  readonly to?: string;
  readonly descending?: boolean;
  /** At most this many items in the page; default 100. */
  readonly limit?: number;
  /** `next` of the page before. */
  readonly after?: string;
}

/**
 * The table (DynamoDB): single-item conditional writes only. Reads are strongly consistent, except
 * through the indexes of owners. An item past its `expiresAt` (epoch seconds) is absent to get and query,
 * but not to conditions. A lost condition is a value, not an exception.
 */
export interface Table {
  get(key: ItemKey): Promise<Item | undefined>;
  /** False when the condition does not hold. */
  put(key: ItemKey, item: Item, condition?: Condition): Promise<boolean>;
  /** The whole item after the change, or undefined when the condition does not hold. */
  update(key: ItemKey, change: Change, condition?: Condition): Promise<Item | undefined>;
  /** False when the condition does not hold. */
  delete(key: ItemKey, condition?: Condition): Promise<boolean>;
  query(query: Query): Promise<{ items: Item[]; next?: string }>;
}

/** Open WebSocket connections. */
export interface Connections {
  /**
   * Sends one text message (at most 128 KiB), and waits SEND_MS at the most.
   * @returns 'gone' when the client has left; 'unanswered' when nobody knows whether it arrived
   * @throws WorkflowError ServiceUnavailable for what may pass: then it did not arrive
   */
  send(connectionId: string, message: string): Promise<'sent' | 'gone' | 'unanswered'>;
}

/** The workflows of infra/. */
export type WorkflowName = 'task' | 'ingest' | 'trial' | 'schedule' | 'delivery';

/** Those of the names that are given: whoever asks for few needs few permissions. */
export interface Workflow<Name extends WorkflowName = WorkflowName> {
  /**
   * Starts an execution. A second start with the same name and input is harmless, whether the first one
   * still runs or has ended; one with another input is an error. Names: 1 to 80 letters, digits, `-`,
   * `_`. Input: at most STATE_BYTES_MAX as JSON.
   */
  start(workflow: Name, executionName: string, input: unknown): Promise<void>;
  /** Ends an execution where it stands; one that has ended, or never was, is left as it is. */
  stop(workflow: Name, executionName: string): Promise<void>;
  /**
   * Lets the maps of an execution that go on run so many children at a time (at least 1). Fewer than run: those come
   * to their end first.
   * @returns whether one goes on
   */
  limitMaps(workflow: Name, executionName: string, children: number): Promise<boolean>;
  /**
   * Ends a state of an execution that waits by this token, with the output.
   * @returns false when it does not wait any more, or never did
   */
  answerTask(token: string, output: unknown): Promise<boolean>;
}

/** A request to somebody else's server. */
export interface WebRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** From looking the name up to the end of the answer. */
  readonly timeoutMs: number;
  /** Bytes of the answer's body that are wanted; what is more is left unread. */
  readonly maxBytes: number;
}

/** Why a request has no answer. */
export type WebFailure =
  /** The URL, or an address that its name leads to, is not one that requests may go to. */
  | 'not_allowed'
  /** The name leads to no address. */
  | 'unresolved'
  /** Nobody takes the connection. */
  | 'unreachable'
  /** The certificate is not valid for the name, or there is no TLS. */
  | 'insecure'
  /** There was no answer in time. */
  | 'timeout'
  /** The connection ended before the answer did, or what came is no HTTP. */
  | 'broken';

export type WebAnswer =
  | {
      readonly status: number;
      /** By their names in lower case. */
      readonly headers: Readonly<Record<string, string>>;
      readonly body: Uint8Array;
      /** Whether the body ends there. */
      readonly isWhole: boolean;
    }
  | { readonly failure: WebFailure };

/**
 * Servers of others, at addresses that clients name: only those that are public, judged when the connection
 * is made. Redirects are not followed: they are answers. What goes wrong is a value.
 */
export interface Web {
  request(request: WebRequest): Promise<WebAnswer>;
}

/** Secrets of this installation. */
export interface Secrets {
  /** What the secrets of webhooks are derived from: always the same, 32 random characters or more. */
  webhookMaster(): Promise<string>;
}

/**
 * Secret headers of connections to services, by names of their own. Who makes them does not read them, and who
 * reads them makes none.
 */
export interface ConnectionSecrets {
  /** Keeps headers under a name that nothing had before. */
  keep(name: string, headers: Readonly<Record<string, string>>): Promise<void>;
  /** The headers; undefined when they are forgotten. Those that were read are remembered for some minutes. */
  read(name: string): Promise<Readonly<Record<string, string>> | undefined>;
  /** Forgets them for good; where there are none, nothing happens. */
  forget(name: string): Promise<void>;
}

export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z: for times that are stored or shown. May be set back or jump. */
  now(): number;
  /**
   * Milliseconds since some moment, with fractions: for durations and deadlines. Never goes back, whatever
   * is done to the clock; means nothing in another process.
   */
  monotonicMs(): number;
  sleep(ms: number): Promise<void>;
}

/** Randomness. */
export interface Random {
  /** `count` unpredictable bytes. */
  bytes(count: number): Uint8Array;
}

/** Structured logging; fields never hold row values, keys or tickets. */
export interface Log {
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

/** Counts and sizes, by the names of names.ts METRICS. */
export interface Metrics {
  count(name: string, value: number): void;
}

/** Everything outside; a use case asks for the few that it needs by Pick. */
export interface Ports {
  readonly table: Table;
  readonly objects: ObjectStore;
  readonly connections: Connections;
  readonly workflow: Workflow;
  readonly web: Web;
  readonly secrets: Secrets;
  readonly connectionSecrets: ConnectionSecrets;
  /** Where requests to others may go: what `web` goes by. */
  readonly egress: EgressRules;
  /** The same for services that rows are sent to, which the operator may list. */
  readonly serviceEgress: EgressRules;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Address of the HTTPS API, with its base path. */
  readonly apiUrl: string;
  /** Address that clients connect to for events, without a ticket. */
  readonly websocketUrl: string;
  /** Address that server-sent events come from, without a ticket. */
  readonly eventsUrl: string;
}
