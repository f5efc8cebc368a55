/** `sheaf connection test`: one call, by the way that the calls of row steps go. */
import { Option, type Command } from 'commander';
import * as z from 'zod';
import type { SheafClient } from '../../../client/client.ts';
import { followTask } from '../../../client/followTask.ts';
import { RowStepRequestSchema, StepBodySchema } from '../../../shared/schemas/rowSteps.ts';
import { by, createCommand, type Runner } from '../../command.ts';
import { CliError, UsageError } from '../../errors.ts';
import { EXIT } from '../../exit.ts';
import { idSchema, numberBy } from '../values.ts';

type Body = z.output<typeof StepBodySchema>;

interface TestOptions {
  readonly path?: string;
  readonly method: z.output<typeof RowStepRequestSchema.shape.method>;
  readonly body?: Body;
  readonly timeout: number;
}

const STEP = 'test';
const MOST_SECONDS = 100;

const JsonSchema = z.string().transform((text, context): Body => {
  try {
    return StepBodySchema.parse(JSON.parse(text));
  } catch {
    context.addIssue('It is no JSON.');
    return z.NEVER;
  }
});

export const testConnection = (runner: Runner): Command =>
  createCommand<TestOptions, [connectionId: string]>(
    {
      name: 'test',
      summary: 'call a service once, and tell what becomes of it',
      description:
        'Calls the service once as a row step does: by the machines that do it later, with its headers, at its pace. It is a real call, which the service may charge for. A task of one row does it, and is deleted behind it.',
      examples: [
        { line: 'sheaf connection test conn_… --path info', does: 'GET, which Dify answers' },
        {
          line: `sheaf connection test conn_… --method POST --path echo --body '{"a": 1}'`,
          does: 'whatever your service takes',
        },
      ],
    },
    runner,
    (command) =>
      command
        .argument('<connection>', 'its id', by(idSchema('connection')))
        .option('--path <path>', 'behind the URL of the connection')
        .addOption(
          new Option('--method <method>', 'of the request')
            .choices(RowStepRequestSchema.shape.method.unwrap().options)
            .default('GET'),
        )
        .option('--body <json>', 'of the request', by(JsonSchema))
        .option(
          '--timeout <seconds>',
          'how long it may take',
          numberBy(z.int('It must be a whole number.').min(1).max(MOST_SECONDS)),
          30,
        ),
    async (context, { path, method, body, timeout }, connectionId) => {
      if (body !== undefined && (method === 'GET' || method === 'DELETE')) {
        throw new UsageError(`A request with ${method} has no body: add --method POST.`);
      }
      const { client } = await context.target();
      const { signal } = context.interrupts;
      const { baseUrl } = await client.getConnection({ connectionId }, { signal });
      const url = path ?? baseUrl;
      const { taskId, websocketUrl } = await client.createTask(
        {
          body: {
            name: `Test of ${connectionId}`,
            data: [{ sheaf: 'test' }],
            steps: [
              {
                name: STEP,
                connectionId,
                request: {
                  method,
                  url: escaped(url),
                  ...(body !== undefined && { body: bodyOf(body) }),
                },
                response: { values: { status: 'status' } },
                timeoutSeconds: timeout,
                retries: 0,
              },
            ],
            options: { maxRetries: 0, retentionDays: 1 },
            autoStart: true,
          },
        },
        { signal },
      );
      await followTask(client, taskId, websocketUrl, { progress: () => undefined }, signal);
      const fault = await faultOf(client, taskId, signal);
      await client.deleteTask({ taskId }, { signal });
      if (context.options.json === true) {
        context.tell({ connectionId, works: fault === undefined, detail: fault ?? null });
      }
      if (fault !== undefined) throw new CliError(fault, EXIT.failed);
      if (context.options.json !== true) context.print(`${connectionId}  works`);
    },
  );

/** What could be taken for a tag is none here. */
const escaped = (text: string) => text.replace(/[{}]/g, (brace) => brace + brace);

function bodyOf(body: Body): Body {
  if (typeof body === 'string') return escaped(body);
  if (Array.isArray(body)) return body.map(bodyOf);
  if (typeof body !== 'object' || body === null) return body;
  return Object.fromEntries(Object.entries(body).map(([name, value]) => [name, bodyOf(value)]));
}

/** Why the call failed, in the service's words or ours; undefined when it did not. */
async function faultOf(
  client: SheafClient,
  taskId: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const task = await client.getTask({ taskId }, { signal });
  if (task.status === 'completed') return undefined;
  for await (const { detail } of client.each('listFailures', { taskId }, { signal })) return detail;
  return task.error?.message ?? `The task of the test ended as ${task.status}.`;
}
