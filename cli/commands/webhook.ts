/** `sheaf webhook`: where events are sent to. */
import type { Command } from 'commander';
import type * as z from 'zod';
import { type EndpointView, TargetUrlSchema } from '../../shared/schemas/webhookApi.ts';
import {
  ENDING_EVENT_TYPES,
  type WebhookEventsSchema,
} from '../../shared/schemas/webhookEvents.ts';
import { by, createCommand, createGroup, type Runner } from '../command.ts';
import { CliError } from '../errors.ts';
import { EXIT } from '../exit.ts';
import { pairLines } from '../terminal/pairs.ts';
import type { Column } from '../terminal/table.ts';
import { deleteCommand } from './deleteSome.ts';
import { listCommand } from './listSome.ts';
import { idSchema, PAGE } from './values.ts';
import { EventsSchema, listenToWebhooks } from './webhook/listen.ts';

interface AddOptions {
  readonly events?: z.output<typeof WebhookEventsSchema>;
  readonly description?: string;
}

const add = (runner: Runner): Command =>
  createCommand<AddOptions, [url: string]>(
    {
      name: 'add',
      summary: 'have the events of all your tasks sent to a URL',
      description:
        'Has events sent to a URL, signed as Standard Webhooks says. The secret that verifies them is shown this once.',
      examples: [
        {
          line: 'sheaf webhook add https://example.org/hooks/sheaf',
          does: 'the ends of your tasks',
        },
        {
          line: 'sheaf webhook add https://example.org/hooks/sheaf --events task_started,task_completed',
          does: 'when they start, too',
        },
      ],
    },
    runner,
    (command) =>
      command
        .argument('<url>', 'an https URL that is reachable from the internet', by(TargetUrlSchema))
        .option(
          '--events <events>',
          `which, with commas between them (default: ${ENDING_EVENT_TYPES.join(',')})`,
          by(EventsSchema),
        )
        .option('--description <text>', 'for people'),
    async (context, { events, description }, url) => {
      const { client } = await context.target();
      const endpoint = await client.createWebhookEndpoint(
        {
          body: {
            url,
            ...(events && { events }),
            ...(description !== undefined && { description }),
          },
        },
        { signal: context.interrupts.signal },
      );
      if (context.options.json === true) return context.tell(endpoint);
      const lines = pairLines([
        ['Endpoint', endpoint.endpointId],
        ['URL', endpoint.url],
        ['Events', endpoint.events.join(', ')],
        ['Secret', endpoint.secret],
      ]);
      for (const line of lines) context.print(line);
      context.note('The secret is told this once: keep it.');
    },
  );

const COLUMNS: readonly Column<EndpointView>[] = [
  { heading: 'ENDPOINT', cell: ({ endpointId }) => endpointId },
  { heading: 'STATUS', cell: ({ status }) => status },
  { heading: 'LAST TEST', cell: ({ lastTest }) => testWords(lastTest) },
  { heading: 'EVENTS', cell: ({ events }) => events.join(', ') },
  { heading: 'URL', cell: ({ url }) => url },
];

const testWords = (test: EndpointView['lastTest']) =>
  test === null ? '' : test.delivered ? 'delivered' : (test.reason ?? 'failed');

const LOOK_MS = 300;

const test = (runner: Runner): Command =>
  createCommand<Record<never, never>, [endpointId: string]>(
    {
      name: 'test',
      summary: 'send a test message, and tell what becomes of it',
      examples: [{ line: 'sheaf webhook test whe_…', does: 'ends with 1 when it is not taken' }],
    },
    runner,
    (command) => command.argument('<endpoint>', 'its id', by(idSchema('endpoint'))),
    async (context, _, endpointId) => {
      const { client } = await context.target();
      const { signal } = context.interrupts;
      const find = async () => {
        for await (const each of client.each('listWebhookEndpoints', { limit: PAGE }, { signal })) {
          if (each.endpointId === endpointId) return each.lastTest;
        }
        return null;
      };
      const before = (await find())?.at;
      await client.testWebhookEndpoint({ endpointId }, { signal });
      let result = await find();
      while (result === null || result.at === before) {
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
        signal.throwIfAborted();
        result = await find();
      }
      if (context.options.json === true) context.tell({ endpointId, ...result });
      const { delivered, httpStatus, milliseconds, detail } = result;
      if (!delivered) {
        const status = httpStatus === null ? '' : ` (HTTP ${httpStatus})`;
        throw new CliError(`${detail ?? 'The message was not delivered.'}${status}`, EXIT.failed);
      }
      if (context.options.json !== true) {
        context.print(`${endpointId}  delivered  HTTP ${httpStatus ?? ''} in ${milliseconds} ms`);
      }
    },
  );

/** `sheaf webhook` with all that is below it. */
export const createWebhookGroup = (runner: Runner): Command =>
  createGroup('webhook', 'where events are sent to', [
    add(runner),
    listCommand(runner, {
      summary: 'your webhook endpoints, the newest first',
      examples: [{ line: 'sheaf webhook list', does: 'with what became of their last test' }],
      none: 'There is no webhook endpoint yet: sheaf webhook add.',
      columns: COLUMNS,
      each: (client, signal) => client.each('listWebhookEndpoints', { limit: PAGE }, { signal }),
    }),
    test(runner),
    deleteCommand(runner, {
      name: 'remove',
      noun: 'endpoint',
      kind: 'endpoint',
      summary: 'send nothing more to endpoints',
      examples: [{ line: 'sheaf webhook remove --yes whe_…', does: 'without being asked' }],
      question: (what) => `Send nothing more to ${what}?`,
      call: (client, endpointId, signal) =>
        client.deleteWebhookEndpoint({ endpointId }, { signal }),
    }),
    listenToWebhooks(runner),
  ]);
