/** `sheaf webhook listen`: a receiver on this machine that shows what comes. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Command } from 'commander';
import * as z from 'zod';
import { ApiError } from '../../../client/errors.ts';
import { ALLOW_LOOPBACK_TARGETS } from '../../../shared/names.ts';
import { ENDING_EVENT_TYPES, WebhookEventsSchema } from '../../../shared/schemas/webhookEvents.ts';
import { by, createCommand, type Runner } from '../../command.ts';
import type { Context } from '../../context.ts';
import { CliError, UsageError } from '../../errors.ts';
import { EXIT } from '../../exit.ts';
import { plain } from '../../terminal/screen.ts';
import { readSecrets } from '../../terminal/secrets.ts';
import { moment, numberBy } from '../values.ts';
import { WEBHOOK_SECRET, whyForged } from './verify.ts';

/** Several, with commas between them. */
export const EventsSchema = z
  .string()
  .transform((text) => text.split(',').map((each) => each.trim()))
  .pipe(WebhookEventsSchema);

interface ListenOptions {
  readonly port?: number;
  readonly url?: string;
  readonly events?: z.output<typeof WebhookEventsSchema>;
  readonly secretFile?: string;
}

const HOST = '127.0.0.1';
const MOST_BYTES = 1_000_000;
const PortSchema = z.int().min(0).max(65_535);

const MessageSchema = z.looseObject({
  type: z.string(),
  timestamp: z.string(),
  data: z.looseObject({ taskId: z.string().optional() }).default({}),
});

export const listenToWebhooks = (runner: Runner): Command =>
  createCommand<ListenOptions, []>(
    {
      name: 'listen',
      summary: 'receive events on this machine, verify and show them',
      description: `Receives events on this machine, verifies their signatures and shows them, a line each (as JSON with --json), until Ctrl+C. It makes a webhook endpoint for itself, and removes it behind it; with --secret-file it only receives what an endpoint sends that is there already. A deployed stack reaches this machine by a tunnel, whose address is --url; the local cloud does when it was started with ${ALLOW_LOOPBACK_TARGETS}=1.`,
      examples: [
        {
          line: 'sheaf webhook listen --events task_started,task_completed',
          does: 'of the local cloud',
        },
        {
          line: 'sheaf webhook listen --profile work --port 4400 --url https://my-tunnel.example.org',
          does: 'the tunnel leads to port 4400 of this machine',
        },
        {
          line: 'sheaf webhook listen --port 4400 --secret-file secret.txt',
          does: 'for an endpoint that there is',
        },
      ],
    },
    runner,
    (command) =>
      command
        .option('--port <number>', 'of this machine (default: a free one)', numberBy(PortSchema))
        .option('--url <url>', 'that leads to this port from outside')
        .option(
          '--events <events>',
          `which, with commas between them (default: ${ENDING_EVENT_TYPES.join(',')})`,
          by(EventsSchema),
        )
        .option('--secret-file <file>', 'the secret of an endpoint that there is (whsec_…)'),
    async (context, options) => {
      const ended = new Promise<void>((resolve) => context.interrupts.handle(() => resolve(), 1));
      const given = await givenSecret(context, options);
      const receiver = await receive(context, options.port ?? 0);
      try {
        const endpoint =
          given === undefined ? await register(context, receiver.url, options) : given;
        receiver.begin(endpoint.secret);
        context.note(`Listening at ${receiver.url}; Ctrl+C ends it.`);
        await ended;
        await endpoint.remove();
      } finally {
        receiver.close();
      }
      return EXIT.done;
    },
  );

interface Endpoint {
  readonly secret: string;
  remove(): Promise<void>;
}

async function givenSecret(
  context: Context,
  { secretFile, url, events }: ListenOptions,
): Promise<Endpoint | undefined> {
  if (secretFile === undefined) return undefined;
  if (url !== undefined || events !== undefined) {
    throw new UsageError(
      'With --secret-file the endpoint is there already: leave out --url and --events.',
    );
  }
  const [secret = ''] = await readSecrets(context, [{ name: 'The secret', file: secretFile }]);
  if (!WEBHOOK_SECRET.test(secret)) {
    throw new UsageError(`${secretFile} holds no secret of a webhook endpoint (whsec_…).`);
  }
  return { secret, remove: () => Promise.resolve() };
}

/** Has the API send events here. */
async function register(
  context: Context,
  here: string,
  { url = here, events }: ListenOptions,
): Promise<Endpoint> {
  const { client } = await context.target();
  const body = { url, description: 'sheaf webhook listen', ...(events && { events }) };
  try {
    const { endpointId, secret } = await client.createWebhookEndpoint({ body });
    return { secret, remove: () => client.deleteWebhookEndpoint({ endpointId }) };
  } catch (error) {
    if (url === here && error instanceof ApiError && error.code === 'VALIDATION_ERROR') {
      throw new CliError(
        `${client.apiUrl} sends nothing to this machine. Start the local cloud with ${ALLOW_LOOPBACK_TARGETS}=1, or name the address of a tunnel with --url.`,
      );
    }
    throw error;
  }
}

/** Listens; until it is told the secret, senders are asked to come again. */
async function receive(context: Context, port: number) {
  let secret: string | undefined;
  const server = createServer((request, response) => {
    void answer(context, request, response, secret).catch(() => response.destroy());
  });
  await listen(server, port);
  return {
    url: `http://${HOST}:${(server.address() as AddressInfo).port}`,
    begin: (known: string) => (secret = known),
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

const listen = (server: Server, port: number) =>
  new Promise<void>((resolve, reject) => {
    server.once('error', ({ code }: NodeJS.ErrnoException) =>
      reject(
        new CliError(
          code === 'EADDRINUSE'
            ? `Port ${port} is in use. Name another one with --port, or leave it out.`
            : `Port ${port} cannot be listened at (${code}). Name another one with --port.`,
        ),
      ),
    );
    server.listen(port, HOST, resolve);
  });

async function answer(
  context: Context,
  request: IncomingMessage,
  response: ServerResponse,
  secret: string | undefined,
): Promise<void> {
  const end = (status: number) => void response.writeHead(status).end();
  if (request.method !== 'POST') return end(405);
  const body = await textOf(request);
  if (body === undefined) return end(413);
  if (secret === undefined) return end(503);
  const fault = whyForged(request.headers, body, secret, Math.floor(Date.now() / 1000));
  const parsed = MessageSchema.safeParse(jsonOf(body));
  if (fault !== undefined || !parsed.success) {
    context.note(`A message was refused: ${fault ?? 'it is no event'}.`);
    return end(fault === undefined ? 400 : 401);
  }
  const id = request.headers['webhook-id'];
  const { type, timestamp, data } = parsed.data;
  if (context.options.json === true) context.tell({ id, ...parsed.data });
  else context.print([moment(timestamp), plain(type), plain(data.taskId ?? '')].join('  ').trim());
  end(204);
}

/** The body; undefined for one that is no webhook of ours by its size. */
async function textOf(request: IncomingMessage): Promise<string | undefined> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of request) {
    bytes += (piece as Buffer).length;
    if (bytes > MOST_BYTES) return undefined;
    pieces.push(piece as Buffer);
  }
  return Buffer.concat(pieces).toString('utf8');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
