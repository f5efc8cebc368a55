/** The table of a data folder, for a program beside the local cloud: through it while it runs. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { prepareAssembly, projectRoot } from '../cloudFormation/assembly/assembly.ts';
import { cloudModel } from '../cloudFormation/cloudModel.ts';
import { loadAssembly } from '../cloudFormation/cloudTemplate.ts';
import { LOCAL_REGION } from '../cloudFormation/resourceTypes.ts';
import { FolderInUse, openDataFolder } from '../disk/dataFolder.ts';
import { makePrivately } from '../disk/folders.ts';
import type { TableCall } from '../dynamodb/tableCalls.ts';
import { createTableEngine } from '../dynamodb/tableEngine.ts';
import { createEndings } from '../endings.ts';
import { createCredentialsRegistry } from '../iam/credentials.ts';
import { type Credentials, signRequest } from '../iam/signing.ts';
import { JSON_PROTOCOL, ServiceError } from '../net/jsonService.ts';
import { createAccess, CREDENTIALS_FOLDER, DEVELOPER, TABLE_FOLDER } from '../storage.ts';
import type { KeyTable } from './apiKeys.ts';

export interface OpenKeyTable extends KeyTable {
  /** Whether a local cloud runs that has answered for keys before. */
  readonly isRunning: boolean;
  close(): Promise<void>;
}

const ReadySchema = z.object({ servicesUrl: z.string(), tableName: z.string() });

/**
 * Reaches the table of a data folder, which is begun if need be.
 * @param notify told what takes long, or what a person should know
 * @throws Error that says what to do, also while a local cloud is being started there
 */
export async function openKeyTable(
  dataDir: string,
  notify: (text: string) => void,
): Promise<OpenKeyTable> {
  try {
    return await openStopped(dataDir, notify);
  } catch (error) {
    const ready = error instanceof FolderInUse ? readReady(dataDir) : undefined;
    if (!ready) throw error;
    const credentials = createCredentialsRegistry(join(dataDir, CREDENTIALS_FOLDER));
    return {
      tableName: ready.tableName,
      call: callOver(ready.servicesUrl, credentials.issue(DEVELOPER)),
      isRunning: true,
      close: () => Promise.resolve(),
    };
  }
}

/** @throws FolderInUse */
async function openStopped(dataDir: string, notify: (text: string) => void): Promise<OpenKeyTable> {
  const endings = createEndings((error) => notify(String(error)));
  try {
    const data = openDataFolder(dataDir, notify);
    endings.atEnd(() => data.release());
    const assembly = await prepareAssembly(projectRoot(), () =>
      notify('Reading infra/ (once after a change; it takes some seconds) …'),
    );
    makePrivately();
    const model = cloudModel(await loadAssembly(assembly.folder));
    const credentials = createCredentialsRegistry(data.path(CREDENTIALS_FOLDER));
    const engine = await createTableEngine({
      dir: data.path(TABLE_FOLDER),
      tables: model.tables,
      access: createAccess(model, credentials),
    });
    endings.atEnd(() => engine.close());
    return {
      tableName: model.tableName,
      call: engine.call,
      isRunning: false,
      close: () => endings.endAll(),
    };
  } catch (error) {
    await endings.endAll();
    throw error;
  }
}

function readReady(dataDir: string): z.infer<typeof ReadySchema> | undefined {
  try {
    return ReadySchema.parse(JSON.parse(readFileSync(join(dataDir, 'local.json'), 'utf8')));
  } catch {
    return undefined; // Not written yet: it is being started.
  }
}

const ErrorSchema = z.object({ __type: z.string(), message: z.string().default('') });

/** Calls as the AWS command line makes them. */
function callOver(servicesUrl: string, credentials: Credentials): TableCall {
  const { host } = new URL(servicesUrl);
  return async (operation, input) => {
    const body = JSON.stringify(input);
    const headers = {
      host,
      'content-type': JSON_PROTOCOL,
      'x-amz-target': `DynamoDB_20120810.${operation}`,
    };
    const scope = { region: LOCAL_REGION, service: 'dynamodb', now: Date.now() };
    const signed = signRequest({ method: 'POST', url: '/', headers, body }, credentials, scope);
    const response = await fetch(servicesUrl, {
      method: 'POST',
      headers: { ...headers, ...signed },
      body,
    });
    const answer: unknown = await response.json();
    if (response.ok) return z.looseObject({}).parse(answer);
    const { __type, message } = ErrorSchema.parse(answer);
    throw new ServiceError(__type, message, response.status);
  };
}
