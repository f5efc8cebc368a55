/** A disk that is full for a moment: no execution fails by it, and the next engine goes on where this one stood. */
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { ended, eventually, newName, start } from './suites/workflowClient.ts';
import { createLocalHost, type LocalWorkflowHost } from './suites/workflowHost.ts';
import { MACHINES } from './suites/workflowMachines.ts';

/** Writes that the disk refuses from now on. */
let refused = 0;
vi.mock(import('node:fs'), async (original) => {
  const fs = await original();
  const writeSync = (descriptor: number, line: Buffer, offset: number) => {
    if (refused > 0) {
      refused -= 1;
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    }
    return fs.writeSync(descriptor, line, offset);
  };
  return { ...fs, writeSync: writeSync as typeof fs.writeSync };
});

let host: LocalWorkflowHost;
const unrecorded: unknown[] = [];
beforeAll(async () => {
  host = await createLocalHost(MACHINES, (error) => void unrecorded.push(error));
});
afterAll(() => host.close());

/**
 * Lets the functions that hold answer while the disk refuses so many writes, starts another engine, and lets
 * everything come to its end.
 */
async function answerOnFullDisk(executionArn: string, writes: number) {
  const before = unrecorded.length;
  refused = writes;
  host.release();
  await eventually(() => (unrecorded.length > before ? true : undefined));
  refused = 0;
  await host.restart();
  let isOver = false;
  const end = ended(host, executionArn).finally(() => (isOver = true));
  await eventually(() => {
    host.release();
    return isOver ? true : undefined;
  });
  return end;
}

const items = [1, 2, 3].map((value) => ({ do: 'hold', value }));

it.each(['InlineOneByOne', 'MapStandard'])(
  'interrupts no %s for good, whichever write it was that the disk refused',
  async (machine) => {
    for (let writes = 1; writes <= 3; writes++) {
      const calls = host.invocations.length;
      const executionArn = await start(host, machine, { items }, newName());
      await eventually(() => (host.invocations.length > calls ? true : undefined));
      const { status, output } = await answerOnFullDisk(executionArn, writes);
      expect({ status, output }).toMatchObject({ status: 'SUCCEEDED' });
    }
  },
);
