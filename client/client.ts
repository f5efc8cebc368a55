/**
 * The client of the API, for Node and browsers: a method for every route of the contract, named like
 * it, and what takes several calls. What it can do, any other program can.
 */
import type * as z from 'zod';
import { contract, type Contract, type OperationId } from '../shared/api/contract.ts';
import type { PageAnswer, RouteDescription } from '../shared/api/route.ts';
import type { ReadingOptions } from '../shared/schemas/common.ts';
import { PAGE_LIMIT_MAX } from '../shared/limits.ts';
import { isFinal } from '../shared/tasks/lifeCycle.ts';
import type { Snapshot } from '../shared/schemas/stream.ts';
import type { DataSourceView } from '../shared/schemas/dataSourceApi.ts';
import type { TemplateView } from '../shared/schemas/templateApi.ts';
import {
  call,
  type CallInput,
  type CallOptions,
  type CallResult,
  type Connection,
} from './call.ts';
import { platformClock, type ClientClock } from './clock.ts';
import { ApiError } from './errors.ts';
import {
  followEvents,
  subscription,
  type EventsOptions,
  type StreamEvent,
  type Transport,
} from './events.ts';
import { connectEventStream } from './eventStream.ts';
import { connectByPolling } from './polling.ts';
import { connect, type Connection as StreamConnection, type SocketConstructor } from './socket.ts';
import { FIRST_LOOK_MS, LONGEST_LOOK_MS, OWNER_POLL_MS, POLL_MS } from './timing.ts';
import { putUpload, type UploadBytes, type UploadTarget } from './upload.ts';

export interface ClientOptions {
  /** With the base path, such as http://localhost:3000/api/v2. */
  readonly apiUrl: string;
  /** Without it, only the public routes answer. */
  readonly apiKey?: string | undefined;
  /**
   * Where the platform has no WebSocket (Node before 22): that of the package ws. Without any, events come
   * as server-sent events.
   */
  readonly WebSocket?: SocketConstructor | undefined;
  /** The platform's, unless given; as are clock and chance. */
  readonly fetch?: typeof fetch;
  readonly clock?: ClientClock;
  readonly random?: () => number;
}

type Arguments<R> =
  Record<never, never> extends CallInput<R>
    ? [input?: CallInput<R>, options?: CallOptions]
    : [input: CallInput<R>, options?: CallOptions];

/** A method for every route. Each throws ApiError, ConnectionFailed or UnexpectedAnswer. */
export type Methods = {
  readonly [K in OperationId]: (
    ...args: Arguments<Contract[K]>
  ) => Promise<CallResult<Contract[K]>>;
};

/** Routes that answer with pages. */
type Listing = {
  [K in OperationId]: Extract<Contract[K]['answers'][number], PageAnswer> extends never ? never : K;
}[OperationId];
type ElementOf<K extends Listing> =
  Extract<Contract[K]['answers'][number], PageAnswer> extends PageAnswer<infer S>
    ? z.output<S>
    : never;

export interface SheafClient extends Methods {
  readonly apiUrl: string;
  /** Every element of a list, page by page. */
  each<K extends Listing>(
    operation: K,
    input: CallInput<Contract[K]>,
    options?: CallOptions,
  ): AsyncGenerator<ElementOf<K>, void, undefined>;
  /** Uploads a template and has it checked. */
  uploadTemplate(
    fileName: string,
    bytes: UploadBytes,
    name?: string,
    options?: CallOptions & {
      /** Told its id as soon as it has one: a template that is refused is there, too. */
      readonly onCreated?: (templateId: string) => void;
    },
  ): Promise<TemplateView>;
  /** Uploads rows and waits until they are read; the answer is `ready` or `invalid`. */
  uploadDataSource(
    fileName: string,
    bytes: UploadBytes,
    options?: CallOptions & { readonly name?: string; readonly reading?: ReadingOptions },
  ): Promise<DataSourceView>;
  /**
   * Snapshots and events of a task until its end, or of all tasks, through lost connections: over the
   * WebSocket, by server-sent events where it is blocked, and by asking where those are, too.
   */
  events(options?: EventsOptions): AsyncGenerator<StreamEvent, void, undefined>;
}

/** A client of the API at `apiUrl`. */
export function createClient(options: ClientOptions): SheafClient {
  const connection: Connection = {
    apiUrl: options.apiUrl,
    apiKey: options.apiKey,
    // Called by itself: browsers refuse fetch as a method of something else.
    fetch: options.fetch ?? ((input, init) => fetch(input, init)),
    clock: options.clock ?? platformClock,
    random: options.random ?? Math.random,
  };
  const methods = createMethods(connection);

  const put = (
    { upload }: { readonly upload: UploadTarget },
    bytes: UploadBytes,
    callOptions: CallOptions,
  ) => putUpload(connection, upload, bytes, callOptions);

  return {
    ...methods,
    apiUrl: options.apiUrl,

    async *each(operation, input, callOptions) {
      const route: RouteDescription = contract[operation];
      let cursor: string | null | undefined;
      do {
        const at = cursor === undefined ? {} : { cursor };
        const page = await call(connection, route, { ...input, ...at }, callOptions);
        const { data, nextCursor } = page as {
          data: ElementOf<typeof operation>[];
          nextCursor: string | null;
        };
        yield* data;
        cursor = nextCursor;
      } while (cursor !== null);
    },

    async uploadTemplate(
      fileName,
      bytes,
      name = withoutEnding(fileName),
      { onCreated = () => undefined, ...callOptions } = {},
    ) {
      const created = await methods.createTemplate({ body: { name, fileName } }, callOptions);
      const { templateId } = created;
      onCreated(templateId);
      await put(created, bytes, callOptions);
      return methods.completeTemplate({ templateId }, callOptions);
    },

    async uploadDataSource(
      fileName,
      bytes,
      { name = fileName, reading = {}, ...callOptions } = {},
    ) {
      const created = await methods.createDataSource({ body: { name, fileName } }, callOptions);
      await put(created, bytes, callOptions);
      const { dataSourceId } = created;
      let source = await methods.completeDataSource({ dataSourceId, body: reading }, callOptions);
      for (let wait = FIRST_LOOK_MS; source.status === 'ingesting'; wait *= 1.5) {
        await connection.clock.sleep(Math.min(wait, LONGEST_LOOK_MS), callOptions.signal);
        source = await methods.getDataSource({ dataSourceId }, callOptions);
      }
      return source;
    },

    events: (eventsOptions = {}) => {
      const { taskId, signal } = eventsOptions;
      const WebSocket = options.WebSocket ?? platformSocket();
      const { clock, random } = connection;
      const callOptions = { ...(signal && { signal }) };
      const ticket = () => methods.createTicket({}, callOptions);
      const progress = (id: string) =>
        methods.getProgress({ taskId: id }, callOptions).catch((error: unknown) => {
          if (error instanceof ApiError && error.status === 404) return undefined;
          throw error;
        });

      const kinds: Readonly<
        Record<Transport, (address: string | undefined) => Promise<StreamConnection>>
      > = {
        async socket(address) {
          if (!WebSocket) throw new Error('There is no WebSocket.');
          const url = address ?? (await ticket()).websocketUrl;
          return connect(WebSocket, url, subscription(taskId), clock, signal);
        },
        async stream() {
          const { eventsUrl } = await ticket();
          const url = taskId === undefined ? eventsUrl : `${eventsUrl}&taskId=${taskId}`;
          return connectEventStream(url, connection.fetch, clock, signal);
        },
        async polling() {
          const look =
            taskId === undefined
              ? () => activeTasks(methods, callOptions)
              : async () => [await methods.getProgress({ taskId }, callOptions)];
          const pauseMs = taskId === undefined ? OWNER_POLL_MS : POLL_MS;
          return connectByPolling(look, pauseMs, taskId, clock, signal);
        },
      };
      return followEvents(
        {
          clock,
          random,
          transports: WebSocket ? ['socket', 'stream', 'polling'] : ['stream', 'polling'],
          connect: (transport, address) => kinds[transport](address),
          progress,
        },
        eventsOptions,
      );
    },
  };
}

/** Where the tasks are that have not ended, as far as the newest page of tasks shows them. */
async function activeTasks(methods: Methods, options: CallOptions): Promise<Snapshot[]> {
  const { data } = await methods.listTasks({ limit: PAGE_LIMIT_MAX }, options);
  const active = data.filter(({ status }) => !isFinal(status));
  return Promise.all(active.map(({ taskId }) => methods.getProgress({ taskId }, options)));
}

/** The methods, made from the contract; their types are its, too. */
function createMethods(connection: Connection): Methods {
  const methods = Object.entries(contract).map(([operationId, route]) => [
    operationId,
    (input: Readonly<Record<string, unknown>> = {}, options?: CallOptions) =>
      call(connection, route, input, options),
  ]);
  return Object.fromEntries(methods) as Methods;
}

const withoutEnding = (fileName: string) => fileName.replace(/\.[^.]+$/, '');

const platformSocket = (): SocketConstructor | undefined =>
  typeof WebSocket === 'function' ? WebSocket : undefined;
