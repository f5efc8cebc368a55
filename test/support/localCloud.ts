/** A local cloud of its own for tests: a child process on free ports, in a temporary folder. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLocalCloud, type LocalCloud } from '../../cli/target/localCloud.ts';

export type TestCloud = LocalCloud & {
  readonly dataDir: string;
  /** Ends this process. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** Ends this process, if it runs, and starts another one on the same folder, on free ports. */
  restart(signal: 'SIGTERM' | 'SIGKILL', environment?: Record<string, string>): Promise<TestCloud>;
  /** Ends it and removes its folder. */
  remove(): Promise<void>;
};

/**
 * Starts a local cloud and waits until it is ready.
 * @throws Error with what it printed, when it does not start
 */
export async function startTestCloud(environment: Record<string, string> = {}): Promise<TestCloud> {
  return startIn(await mkdtemp(join(tmpdir(), 'sheaf-test-')), environment);
}

async function startIn(dataDir: string, environment: Record<string, string>): Promise<TestCloud> {
  const cloud = await startLocalCloud(dataDir, environment);
  const ended = new Promise<void>((resolve) => cloud.process.once('close', () => resolve()));
  const end = (signal: 'SIGTERM' | 'SIGKILL') => {
    cloud.process.kill(signal);
    return ended;
  };
  return {
    ...cloud,
    dataDir,
    end,
    async restart(signal, next = environment) {
      await end(signal);
      return startIn(dataDir, next);
    },
    async remove() {
      await cloud.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
