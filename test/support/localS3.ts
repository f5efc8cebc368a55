/** A local S3 on a free port, over a folder of its own. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Access } from '../../local/iam/access.ts';
import { createObjectEngine, type ObjectEngine } from '../../local/s3/objectEngine.ts';
import type { ObjectMeter } from '../../local/billing/meter.ts';
import { createTestAccess, serve } from './localAws.ts';

export const BUCKET = 'sheaf-bucket';

export interface LocalS3 {
  readonly url: string;
  readonly dir: string;
  readonly engine: ObjectEngine;
  /** Closes the engine and opens another one over the same folder and port. */
  reopen(): Promise<void>;
  /** Closes everything and removes the folder. */
  close(): Promise<void>;
}

/** @param properties of the bucket, as in the template */
export async function openLocalS3(
  options: {
    access?: Access;
    properties?: object;
    meter?: ObjectMeter;
    onDiskFault?: (fault: string) => void;
  } = {},
): Promise<LocalS3> {
  const dir = await mkdtemp(join(tmpdir(), 'sheaf-s3-'));
  const access = options.access ?? createTestAccess();
  const buckets = { [BUCKET]: options.properties ?? {} };
  const { meter, onDiskFault } = options;
  const engineOptions = {
    dir,
    buckets,
    access,
    ...(meter && { meter }),
    ...(onDiskFault && { onDiskFault }),
  };
  let engine = await createObjectEngine(engineOptions).catch(async (error: unknown) => {
    await rm(dir, { recursive: true });
    throw error;
  });
  const server = await serve((request, response) => engine.handle(request, response));
  return {
    url: server.url,
    dir,
    get engine() {
      return engine;
    },
    async reopen() {
      engine.close();
      engine = await createObjectEngine(engineOptions);
    },
    async close() {
      await server.close();
      engine.close();
      await rm(dir, { recursive: true });
    },
  };
}
