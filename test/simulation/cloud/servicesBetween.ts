/** A server between the functions and the local services, on which calls go wrong when told so. */
import { once } from 'node:events';
import {
  Agent,
  createServer,
  request,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { createDice, type Dice } from '../random.ts';
import type { Disturbance, Manner } from './protocol.ts';

export interface ServicesBetween {
  readonly url: string;
  /** Where calls are passed on to; known once the services listen. */
  aim(servicesUrl: string): void;
  disturb(disturbance: Disturbance): void;
  settle(): void;
}

/** Links that the application signed for others are not calls of its own. */
const isSignedLink = ({ url = '' }: IncomingMessage) => url.includes('X-Amz-Signature=');

const SLOW_MS = { least: 300, most: 3_000 };

/** @param onDisturbed told of each call that went wrong */
export async function createServicesBetween(
  onDisturbed: (manner: Manner) => void,
): Promise<ServicesBetween> {
  let services = '';
  let current: { disturbance: Disturbance; dice: Dice } | undefined;
  const agent = new Agent({ keepAlive: true });

  /** The answer of the services; undefined when they gave none. */
  const passOn = (incoming: IncomingMessage) =>
    new Promise<IncomingMessage | undefined>((resolve) => {
      const { method, headers, url } = incoming;
      const onward = request(new URL(url ?? '/', services), {
        method,
        headers,
        setHost: false,
        agent,
      });
      onward.on('response', resolve).on('error', () => resolve(undefined));
      incoming.on('close', () => {
        if (!incoming.complete) onward.destroy();
      });
      incoming.pipe(onward);
    });

  async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { disturbance, dice } = current ?? {};
    const hits = disturbance && !isSignedLink(incoming) && dice?.happens(disturbance.share);
    const manner = hits ? disturbance.manner : undefined;
    if (manner) onDisturbed(manner);
    if (manner === 'cut') return void incoming.destroy();
    if (manner === 'refused' || manner === 'throttled') {
      incoming.resume();
      await once(incoming, 'end');
      return void refuse(incoming, outgoing, manner === 'throttled');
    }
    if (manner === 'slow') await sleep(dice?.between(SLOW_MS.least, SLOW_MS.most) ?? 0);
    const response = await passOn(incoming);
    if (!response) return void outgoing.destroy();
    if (manner === 'failed' || manner === 'lost') {
      response.resume();
      await once(response, 'close');
      return void (manner === 'lost' ? outgoing.destroy() : refuse(incoming, outgoing, false));
    }
    outgoing.writeHead(response.statusCode ?? 500, response.headers);
    response.pipe(outgoing);
  }

  const server = createServer((incoming, outgoing) => {
    answer(incoming, outgoing).catch(() => outgoing.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    aim: (servicesUrl) => void (services = servicesUrl),
    disturb: (disturbance) => void (current = { disturbance, dice: createDice(disturbance.seed) }),
    settle: () => void (current = undefined),
  };
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** As the service that was asked says it: DynamoDB and Step Functions in JSON, S3 in XML. */
function refuse(incoming: IncomingMessage, outgoing: ServerResponse, isThrottled: boolean): void {
  const target = String(incoming.headers['x-amz-target'] ?? '');
  if (target === '') {
    const [status, code] = isThrottled ? [503, 'SlowDown'] : [500, 'InternalError'];
    const body = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>On purpose.</Message></Error>`;
    return say(outgoing, status, { 'content-type': 'application/xml' }, body);
  }
  const isTable = target.startsWith('DynamoDB');
  const throttled = isTable ? 'ProvisionedThroughputExceededException' : 'ThrottlingException';
  const type = isThrottled ? throttled : isTable ? 'InternalServerError' : 'InternalFailure';
  const body = JSON.stringify({ __type: type, message: 'On purpose.' });
  say(outgoing, isThrottled ? 400 : 500, { 'content-type': 'application/x-amz-json-1.0' }, body);
}

function say(
  outgoing: ServerResponse,
  status: number,
  headers: OutgoingHttpHeaders,
  body: string,
): void {
  outgoing.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body);
}
