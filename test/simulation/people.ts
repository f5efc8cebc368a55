/** The people of a scenario: clients of the API, and those who watch, over the simulated gateways. */
import { createClient, type SheafClient } from '../../client/client.ts';
import { EVENT_STREAM_TIMEOUT_SECONDS } from '../../shared/limits.ts';
import { API_BASE_PATH } from '../../shared/names.ts';
import { socketEvent, ticketAuthorizerEvent } from '../support/gatewayEvents.ts';
import { createDice } from './random.ts';
import { throughGateway } from './world/httpGateway.ts';
import type { World } from './world/world.ts';

const API = 'https://api.invalid';
const BUCKET = 'https://objects.invalid/';

export const ownerId = (owner: number) => `owner-${owner}`;

const unavailable = () => Response.json({ message: 'Service Unavailable' }, { status: 503 });

/** A request to the API, as API Gateway passes it on. */
async function askApi(world: World, owner: number, url: URL, init: RequestInit): Promise<Response> {
  const ground = {
    invoke: (event: unknown) => world.request('api', event),
    pause: (ms: number) => world.pause(ms),
  };
  const answer = await throughGateway(ground, {
    method: init.method ?? 'GET',
    path: url.pathname,
    query: url.search.slice(1),
    headers: Object.fromEntries(new Headers(init.headers)),
    ownerId: ownerId(owner),
    ...(typeof init.body === 'string' && { body: init.body }),
  });
  if (!answer) return unavailable();
  const { statusCode, headers, body } = answer;
  const status = statusCode ?? 500;
  return new Response(status === 204 ? null : (body ?? ''), {
    status,
    headers: headers as Record<string, string>,
  });
}

/** The client of an owner; it waits in virtual time. */
export function clientOf(world: World, owner: number): SheafClient {
  const dice = createDice(world.scenario.seed + owner);
  return createClient({
    apiUrl: API + API_BASE_PATH,
    apiKey: 'key',
    random: () => dice.fraction(),
    clock: {
      now: () => world.timeline.now(),
      date: () => Math.floor(world.timeline.now()),
      sleep: (ms) => world.pause(ms),
    },
    async fetch(input, init = {}) {
      const url = new URL(input instanceof Request ? input.url : input);
      if (url.href.startsWith(API)) return askApi(world, owner, url, init);
      if (!url.href.startsWith(BUCKET) || !(init.body instanceof Uint8Array)) {
        throw new Error(`Nobody is at ${url.host}.`);
      }
      await world.objects.put(decodeURI(url.pathname.slice(1)), init.body);
      return new Response(null, { status: 200 });
    },
  });
}

/** An event of the WebSocket API for a connection. */
function eventOf(
  type: 'CONNECT' | 'MESSAGE' | 'DISCONNECT',
  connectionId: string,
  owner: number,
  body?: string,
): unknown {
  const event = socketEvent(type, {
    ownerId: ownerId(owner),
    ...(body !== undefined && { body }),
  });
  return { ...event, requestContext: { ...(event['requestContext'] as object), connectionId } };
}

/**
 * Connects with a ticket and subscribes, as the gateway passes it on.
 * @returns whether the connection stands
 */
export async function subscribe(
  world: World,
  owner: number,
  connectionId: string,
  ticket: string,
  taskId: string | undefined,
): Promise<boolean> {
  const allowed = await world.request('streamAuthorizer', ticketAuthorizerEvent(ticket));
  if (!allowed.ok) return false;
  // The gateway knows the connection before its function does.
  world.connections.set(connectionId, { isOpen: true, messages: [] });
  const connected = await world.request('stream', eventOf('CONNECT', connectionId, owner));
  const accepted = connected.ok && (connected.payload as { statusCode: number }).statusCode === 200;
  if (!accepted) {
    close(world, connectionId);
    return false;
  }
  const filters = taskId === undefined ? {} : { taskId };
  const message = JSON.stringify({ action: 'subscribe', channels: ['task_progress'], filters });
  await world.request('stream', eventOf('MESSAGE', connectionId, owner, message));
  return true;
}

/** The client is gone; its function may hear of it, or not. */
export function close(world: World, connectionId: string): void {
  const connection = world.connections.get(connectionId);
  if (connection) connection.isOpen = false;
}

/**
 * Asks for server-sent events, and reads the answer for a while. The function is not told that its reader has left.
 * @param lastEventId empty: from the beginning
 * @param take gets the text, piece by piece
 * @returns the status; undefined when there was no answer
 */
export async function readEvents(
  world: World,
  { eventsUrl, taskId, lastEventId }: EventsAddress,
  ms: number,
  take: (text: string) => void,
): Promise<number | undefined> {
  const requestId = `events-${world.lambda.invocations()}`;
  const url = new URL(eventsUrl);
  if (taskId !== undefined) url.searchParams.set('taskId', taskId);
  let status: number | undefined;
  world.listeners.set(requestId, { begin: (begun) => void (status = begun), take });
  const event = {
    rawPath: url.pathname,
    rawQueryString: url.search.slice(1),
    headers: lastEventId === '' ? {} : { 'last-event-id': lastEventId },
    requestContext: { requestId, http: { method: 'GET' } },
  };
  await Promise.race([
    world.request('eventStream', event, EVENT_STREAM_TIMEOUT_SECONDS),
    world.pause(ms),
  ]);
  world.listeners.delete(requestId);
  return status;
}

export interface EventsAddress {
  /** With a ticket. */
  readonly eventsUrl: string;
  readonly taskId: string | undefined;
  readonly lastEventId: string;
}

export const sayGoodbye = (world: World, owner: number, connectionId: string) =>
  world.request('stream', eventOf('DISCONNECT', connectionId, owner));
