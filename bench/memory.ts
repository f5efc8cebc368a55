/** Peak memory of processes, sampled from outside, so that nothing has to report on itself. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const SAMPLE_MS = 200;

/** Resident bytes of a process and of all that it started; undefined where `ps` is missing. */
export async function residentBytes(pid: number): Promise<number | undefined> {
  try {
    const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid=,rss=']);
    const children = new Map<number, number[]>();
    const resident = new Map<number, number>();
    for (const line of stdout.trim().split('\n')) {
      const [id = 0, parent = 0, kilobytes = 0] = line.trim().split(/\s+/).map(Number);
      resident.set(id, kilobytes * 1024);
      children.set(parent, [...(children.get(parent) ?? []), id]);
    }
    const sum = (id: number): number =>
      (resident.get(id) ?? 0) +
      (children.get(id) ?? []).reduce((total, child) => total + sum(child), 0);
    return sum(pid);
  } catch {
    return undefined;
  }
}

/** Watches a process and its children. */
export function watchMemory(pid: number): { stop(): Promise<number | undefined> } {
  let peak: number | undefined;
  let watching = true;
  const watched = (async () => {
    while (watching) {
      const bytes = await residentBytes(pid);
      if (bytes !== undefined) peak = Math.max(peak ?? 0, bytes);
      await new Promise((resolve) => setTimeout(resolve, SAMPLE_MS));
    }
  })();
  return {
    async stop() {
      watching = false;
      await watched;
      return peak;
    },
  };
}
