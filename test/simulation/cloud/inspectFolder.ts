/** What a local cloud keeps, as its services and its folder show it. */
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DynamoDBClient, ScanCommand, type AttributeValue } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import type { Place } from '../invariants/remains.ts';

export interface Kept {
  /** Every item, as JSON, by its key. */
  readonly items: readonly Place[];
  readonly objectKeys: readonly string[];
  /** Text of an object. */
  readonly object: (key: string) => Promise<string>;
  readonly close: () => void;
}

/** Reads the table and lists the bucket, as the developer whom the folder's aws.env is for. */
export async function readKept(dataDir: string): Promise<Kept> {
  const lines = readFileSync(join(dataDir, 'aws.env'), 'utf8').trim().split('\n');
  const environment = new Map(lines.map((line) => [line.split('=')[0], line.replace(/^\w+=/, '')]));
  const of = (name: string) => environment.get(name) ?? '';
  const config = {
    endpoint: of('AWS_ENDPOINT_URL'),
    region: of('AWS_REGION'),
    credentials: {
      accessKeyId: of('AWS_ACCESS_KEY_ID'),
      secretAccessKey: of('AWS_SECRET_ACCESS_KEY'),
    },
  };
  const table = new DynamoDBClient(config);
  const bucket = new S3Client({ ...config, forcePathStyle: true });
  const Bucket = of('SHEAF_BUCKET');

  const items: Place[] = [];
  let ExclusiveStartKey: Record<string, AttributeValue> | undefined;
  do {
    const page = await table.send(
      new ScanCommand({ TableName: of('SHEAF_TABLE'), ExclusiveStartKey }),
    );
    for (const item of page.Items ?? []) {
      const text = JSON.stringify(item);
      items.push({ name: `${item['pk']?.S ?? ''} ${item['sk']?.S ?? ''}`, text });
    }
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey);

  const objectKeys: string[] = [];
  let ContinuationToken: string | undefined;
  do {
    const page = await bucket.send(new ListObjectsV2Command({ Bucket, ContinuationToken }));
    objectKeys.push(...(page.Contents ?? []).flatMap(({ Key }) => Key ?? []));
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);

  return {
    items,
    objectKeys,
    async object(key) {
      const { Body } = await bucket.send(new GetObjectCommand({ Bucket, Key: key }));
      return (await Body?.transformToString('latin1')) ?? '';
    },
    close() {
      table.destroy();
      bucket.destroy();
    },
  };
}

/** What of the bucket may hold values: rows, what corrects them, and documents. */
const OF_ROWS = [
  /^sources\//,
  /^tasks\/[^/]+\/rows\.(jsonl|idx)$/,
  /^tasks\/[^/]+\/segments\//,
  /^tasks\/[^/]+\/retries\/[^/]+\/(segments\/|request\.json|corrections\.json|rows\.jsonl)/,
  /^tasks\/[^/]+\/archive\.zip$/,
  /^tasks\/[^/]+\/documents\//,
];

export const mayHoldValues = (objectKey: string) => OF_ROWS.some((form) => form.test(objectKey));

/** Every file of the folder but the bucket's and the table's: logs, histories, usage, settings. */
export function filesBeside(dataDir: string): Place[] {
  const places: Place[] = [];
  const walk = (folder: string) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (folder === dataDir && ['objects', 'table', 'ballast'].includes(entry.name)) continue;
      if (entry.isDirectory()) walk(path);
      else if (entry.isFile()) {
        places.push({ name: path.slice(dataDir.length + 1), text: readFileSync(path, 'latin1') });
      }
    }
  };
  walk(dataDir);
  return places;
}

/** Bytes of the files of a data folder, by the name at its root. */
export function folderBytes(dataDir: string): Record<string, number> {
  const bytesOf = (path: string): number => {
    const found = statSync(path, { throwIfNoEntry: false });
    if (!found?.isDirectory()) return found?.size ?? 0;
    return readdirSync(path).reduce((sum, name) => sum + bytesOf(join(path, name)), 0);
  };
  return Object.fromEntries(
    readdirSync(dataDir).map((name) => [name, bytesOf(join(dataDir, name))]),
  );
}

/** Item keys that may name a task that was deleted: notes that it is due, and claims. */
const OUTLIVES = /^(DUE|IDEM#|TPL#|DS#|CONN#|EVENTS#|TICKET#)/;

export const outlivesItsTask = (itemKey: string) => OUTLIVES.test(itemKey);
