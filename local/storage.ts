/** Table, bucket, secrets, and who may do what with them. */
import type { Log } from '../shared/ports.ts';
import type { Access } from './iam/access.ts';
import { createCredentialsRegistry, type CredentialsRegistry } from './iam/credentials.ts';
import { createObjectEngine, type ObjectEngine } from './s3/objectEngine.ts';
import { compilePermissions } from './iam/permissions.ts';
import { createTableEngine, type TableEngine } from './dynamodb/tableEngine.ts';
import type { DataFolder } from './disk/dataFolder.ts';
import type { AtEnd } from './endings.ts';
import type { CloudModel } from './cloudFormation/cloudModel.ts';
import { LOCAL_ACCOUNT, LOCAL_REGION } from './cloudFormation/resourceTypes.ts';
import type { Meters } from './billing/meter.ts';
import { openSecretValues, type SecretValues } from './secretsManager/secretValues.ts';
import { createWallClock } from './time.ts';

export interface Storage {
  readonly access: Access;
  readonly credentials: CredentialsRegistry;
  readonly tables: TableEngine;
  readonly objects: ObjectEngine;
  readonly secrets: SecretValues;
}

/** Where in the data folder the secret of all access keys, and the tables, are. */
export const CREDENTIALS_FOLDER = 'credentials';
export const TABLE_FOLDER = 'table';

const SECRETS_FILE = 'secrets.json';
const SECRETS_KEY_FILE = 'secrets.key';

/** The access key of the person at this machine, who may everything: for the AWS command line. */
export const DEVELOPER = 'developer';

const EVERYTHING = { Statement: { Effect: 'Allow', Action: '*', Resource: '*' } };

/** DynamoDB and S3 remove what has expired "within days"; here it is a quarter of an hour. */
const SWEEP_MS = 15 * 60 * 1000;

/** @throws Error for properties in the template that are not emulated, or data that does not fit */
export async function openStorage(
  model: CloudModel,
  data: DataFolder,
  meters: Pick<Meters, 'table' | 'objects'>,
  log: Log,
  atEnd: AtEnd,
  onBroken: (error: Error) => void,
): Promise<Storage> {
  const credentials = createCredentialsRegistry(data.path(CREDENTIALS_FOLDER));
  const access = createAccess(model, credentials);
  const { tables: definitions, buckets } = model;
  const file = (name: string) => ({
    read: () => data.read(name),
    write: (text: string) => data.writePrivately(name, text),
  });
  const secrets = openSecretValues(model.secrets, {
    values: file(SECRETS_FILE),
    key: file(SECRETS_KEY_FILE),
  });
  const tables = await createTableEngine({
    dir: data.path(TABLE_FOLDER),
    tables: definitions,
    access,
    meter: meters.table,
    onBroken,
  });
  atEnd(() => tables.close());
  const objects = await createObjectEngine({
    dir: data.path('objects'),
    buckets,
    access,
    meter: meters.objects,
    onDiskFault: (fault) =>
      log.error(`Objects cannot be stored in ${data.path('objects')}: ${fault}.`),
  });
  atEnd(() => objects.close());

  const sweep = setInterval(() => {
    Promise.all([tables.sweepExpired(), objects.sweepExpired()]).catch((error: unknown) =>
      log.error('Expired items and objects could not be removed.', { error }),
    );
  }, SWEEP_MS);
  atEnd(() => clearInterval(sweep));
  return { access, credentials, tables, objects, secrets };
}

/** Access keys named after the template's roles, checked against the policies that it gives them. */
export function createAccess({ roles }: CloudModel, credentials: CredentialsRegistry): Access {
  const policies = { ...roles.byRole, [DEVELOPER]: [EVERYTHING] };
  const permissions = compilePermissions(policies);
  const clock = createWallClock();
  // Known from the start, so that links that were signed before a restart stay good.
  for (const principal of Object.keys(policies)) credentials.issue(principal);
  return {
    region: LOCAL_REGION,
    accountId: LOCAL_ACCOUNT,
    now: () => clock.now(),
    readings: () => clock.readings(),
    secretOf: (accessKeyId) => credentials.secretOf(accessKeyId),
    allows: (...question) => permissions.allows(...question),
  };
}
