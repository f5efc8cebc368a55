/** The table of keys that a command is for: that of the local cloud, or of a stack that is named. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import type { Context } from '../context.ts';
import { CliError, UsageError } from '../errors.ts';
import { isNamed } from '../target/target.ts';
import type { KeyTable } from './keyTable.ts';

export interface TableOptions {
  readonly table?: string;
  readonly region?: string;
}

export interface OpenKeyTable extends KeyTable {
  /** What keys of there begin with. */
  readonly prefix: string;
}

/** What the local cloud leaves for the tools of AWS (docs/local-cloud.md). */
const EnvironmentSchema = z.object({
  AWS_ENDPOINT_URL: z.string(),
  AWS_REGION: z.string(),
  AWS_ACCESS_KEY_ID: z.string(),
  AWS_SECRET_ACCESS_KEY: z.string(),
  SHEAF_TABLE: z.string(),
});

/** @throws CliError, UsageError that says what names a table */
export async function openKeyTable(
  context: Context,
  { table, region }: TableOptions,
): Promise<OpenKeyTable> {
  // What it says of versions of Node.js is nothing that people can act upon here.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
  // Loaded when it is needed: no other command talks to AWS.
  const { createDynamoKeyTable } = await import('./dynamoKeyTable.ts');
  if (table !== undefined) {
    const { env } = context;
    const place = region ?? (env['AWS_REGION'] || env['AWS_DEFAULT_REGION'] || undefined);
    if (place === undefined) {
      throw new UsageError('In which region is the table? Name it with --region, or AWS_REGION.');
    }
    return { ...createDynamoKeyTable({ tableName: table, region: place }), prefix: 'sheaf_' };
  }
  if (region !== undefined) throw new UsageError('--region is for a stack: add --table.');
  if (isNamed(context.options, context.env)) {
    throw new UsageError(
      'Keys are made in the table of a stack, not by its API: name it with --table (its output TableName) and --region.',
    );
  }
  const { dataDir } = await context.target();
  if (dataDir === undefined) throw new CliError('No local cloud was found for this folder.');
  const text = await readFile(join(dataDir, 'aws.env'), 'utf8');
  const pairs = text.split('\n').map((line) => line.split(/=(.*)/s).slice(0, 2));
  const local = EnvironmentSchema.parse(Object.fromEntries(pairs));
  const tableOfCloud = createDynamoKeyTable({
    tableName: local.SHEAF_TABLE,
    region: local.AWS_REGION,
    local: {
      endpoint: local.AWS_ENDPOINT_URL,
      accessKeyId: local.AWS_ACCESS_KEY_ID,
      secretAccessKey: local.AWS_SECRET_ACCESS_KEY,
    },
  });
  return { ...tableOfCloud, prefix: 'sheaf_local_' };
}
