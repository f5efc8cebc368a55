/** `sheaf connection`: services that row steps call. */
import type { Command } from 'commander';
import { HEADER_NAME } from '../../shared/headers.ts';
import { RateLimitSchema } from '../../shared/schemas/rateLimit.ts';
import {
  CreateConnectionSchema,
  type ConnectionView,
} from '../../shared/schemas/serviceConnectionApi.ts';
import { by, createCommand, createGroup, type Runner } from '../command.ts';
import type { Context } from '../context.ts';
import { UsageError } from '../errors.ts';
import { pairLines } from '../terminal/pairs.ts';
import { readSecrets, type NeededSecret } from '../terminal/secrets.ts';
import type { Column } from '../terminal/table.ts';
import { testConnection } from './connection/test.ts';
import { deleteCommand } from './deleteSome.ts';
import { listCommand } from './listSome.ts';
import { collect, eachBy, numberBy, PAGE, PairSchema } from './values.ts';

const NameSchema = CreateConnectionSchema.shape.name;

/**
 * A secret header as the command line names it: its name, and the file that holds its value.
 * @throws UsageError which does not quote what may be the secret
 */
function readSecretHeader(text: string): NeededSecret {
  const [, name = '', separator, file] = /^([^=]*)(?:(=@?)(.*))?$/s.exec(text) ?? [];
  if (!HEADER_NAME.test(name)) {
    throw new UsageError(
      '--secret-header begins with the name of a header, such as authorization.',
    );
  }
  if (separator !== '=') return { name, file };
  throw new UsageError(
    `--secret-header: others on this machine can read what stands in a command line. Take ${name} alone, and its value is asked for, or ${name}=@file.`,
  );
}

interface AddOptions {
  readonly url: string;
  readonly header?: { name: string; value: string }[];
  readonly secretHeader?: string[];
  readonly perSecond?: number;
  readonly burst?: number;
  readonly concurrent?: number;
  readonly price?: number;
}

const add = (runner: Runner): Command =>
  createCommand<AddOptions, [name: string]>(
    {
      name: 'add',
      summary: 'name a service, with its keys, pace and price',
      description:
        'Names a service that row steps can call. What secret headers hold is kept encrypted, sent to that service alone and never shown again; it is asked for, or read from standard input (a line for each) or from a file.',
      examples: [
        {
          line: 'sheaf connection add Dify --url https://api.dify.ai/v1 --secret-header authorization',
          does: 'asks for the header, such as "Bearer app-…"',
        },
        {
          line: 'sheaf connection add Pictures --url https://example.org --secret-header x-api-key=@key.txt --per-second 5 --price 0.01',
          does: 'the key is in a file; at most 5 calls a second, of one cent each',
        },
      ],
    },
    runner,
    (command) =>
      command
        .argument('<name>', 'a name for people', by(NameSchema))
        .requiredOption('--url <url>', 'what the URLs of row steps go on from')
        .option(
          '--header <name=value>',
          'sent with every call, and shown; may be given again',
          eachBy(PairSchema),
        )
        .option(
          '--secret-header <name[=@file]>',
          'sent with every call, and never shown; may be given again',
          collect,
        )
        .option(
          '--per-second <number>',
          'how many calls a second, over all tasks',
          numberBy(RateLimitSchema.shape.perSecond),
        )
        .option(
          '--burst <number>',
          'with --per-second: how many at once after a rest',
          numberBy(RateLimitSchema.shape.burst),
        )
        .option(
          '--concurrent <number>',
          'with --per-second: how many at the same time (default: 100)',
          numberBy(RateLimitSchema.shape.concurrent),
        )
        .option(
          '--price <dollars>',
          'what a call costs, for estimates and budgets',
          numberBy(CreateConnectionSchema.shape.pricePerCallUsd),
        ),
    async (context, options, name) => {
      const { url, header = [], price } = options;
      const secretHeaders = (options.secretHeader ?? []).map(readSecretHeader);
      const rateLimit = rateLimitOf(options);
      const values = await readSecrets(context, secretHeaders);
      const { client } = await context.target();
      const connection = await client.createConnection(
        {
          body: {
            name,
            baseUrl: url,
            headers: Object.fromEntries(header.map((each) => [each.name, each.value])),
            secretHeaders: Object.fromEntries(
              secretHeaders.map((each, index) => [each.name, values[index] ?? '']),
            ),
            ...(rateLimit && { rateLimit }),
            ...(price !== undefined && { pricePerCallUsd: price }),
          },
        },
        { signal: context.interrupts.signal },
      );
      tellConnection(context, connection);
    },
  );

/** @throws UsageError for what makes no sense without a rate */
function rateLimitOf({ perSecond, burst, concurrent }: AddOptions) {
  if (perSecond !== undefined) {
    return RateLimitSchema.parse({
      perSecond,
      ...(burst !== undefined && { burst }),
      ...(concurrent !== undefined && { concurrent }),
    });
  }
  const [option] = [
    burst !== undefined && '--burst',
    concurrent !== undefined && '--concurrent',
  ].filter((each) => each !== false);
  if (option === undefined) return undefined;
  throw new UsageError(`${option} belongs to a rate: add --per-second.`);
}

const rateWords = ({ rateLimit }: ConnectionView) =>
  rateLimit === null ? '' : `${rateLimit.perSecond}/s, ${rateLimit.concurrent} at the same time`;
const priceWords = ({ pricePerCallUsd }: ConnectionView) =>
  pricePerCallUsd === null ? '' : `$${pricePerCallUsd}`;

function tellConnection(context: Context, connection: ConnectionView): void {
  if (context.options.json === true) return context.tell(connection);
  const lines = pairLines([
    ['Connection', connection.connectionId],
    ['Name', connection.name],
    ['URL', connection.baseUrl],
    [
      'Headers',
      Object.entries(connection.headers)
        .map((pair) => pair.join(': '))
        .join(', '),
    ],
    ['Secret', connection.secretHeaders.join(', ')],
    ['Pace', rateWords(connection)],
    ['Price', priceWords(connection)],
  ]);
  for (const line of lines) context.print(line);
}

const COLUMNS: readonly Column<ConnectionView>[] = [
  { heading: 'CONNECTION', cell: ({ connectionId }) => connectionId },
  { heading: 'NAME', cell: ({ name }) => name },
  { heading: 'SECRET HEADERS', cell: ({ secretHeaders }) => secretHeaders.join(', ') },
  { heading: 'PACE', cell: rateWords },
  { heading: 'PRICE', isNumber: true, cell: priceWords },
  { heading: 'URL', cell: ({ baseUrl }) => baseUrl },
];

/** `sheaf connection` with all that is below it. */
export const createConnectionGroup = (runner: Runner): Command =>
  createGroup('connection', 'services that row steps call', [
    add(runner),
    listCommand(runner, {
      summary: 'your connections, the newest first',
      examples: [{ line: 'sheaf connection list', does: 'without what secret headers hold' }],
      none: 'There is no connection yet: sheaf connection add.',
      columns: COLUMNS,
      each: (client, signal) => client.each('listConnections', { limit: PAGE }, { signal }),
    }),
    testConnection(runner),
    deleteCommand(runner, {
      name: 'remove',
      noun: 'connection',
      kind: 'connection',
      summary: 'remove connections, and what their secret headers hold',
      examples: [{ line: 'sheaf connection remove conn_…', does: 'asks first' }],
      question: (what) => `Remove ${what}, with what its secret headers hold?`,
      call: (client, connectionId, signal) => client.deleteConnection({ connectionId }, { signal }),
    }),
  ]);
