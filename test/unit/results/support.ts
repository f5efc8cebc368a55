/** Results of tasks in tests: asked for, written, and read. */
import { expect } from 'vitest';
import { objectKeys } from '../../../shared/keys.ts';
import type { ResultsFormat } from '../../../shared/schemas/common.ts';
import { getResults } from '../../../shared/results/getResults.ts';
import { TrialRunSchema } from '../../../shared/schemas/workflow.ts';
import { runTrial } from '../../../shared/trials/runTrial.ts';
import type { MemoryPorts } from '../../support/memoryPorts.ts';
import { loadTask, OWNER } from '../../support/tasks.ts';

/** Asks for results, has them written as the workflow would, and asks again. */
export async function resultsOf(
  ports: MemoryPorts,
  taskId: string,
  format: ResultsFormat,
): Promise<Buffer> {
  const ask = () => getResults(ports, OWNER, taskId, format);
  await expect(ask()).rejects.toMatchObject({
    code: 'INVALID_STATE',
    retryAfterSeconds: 1,
  });
  const input = ports.workflow.starts.at(-1)?.input;
  await runTrial(ports, TrialRunSchema.parse(input));
  const { bytes } = await ask();
  const { revision = 0 } = await loadTask(ports, taskId);
  const found = await ports.objects.read(objectKeys.results(taskId, revision, format));
  expect(found.length).toBe(bytes);
  return Buffer.from(found);
}

/** The lines of results as JSON. */
export const linesOf = (bytes: Buffer): unknown[] =>
  bytes
    .toString('utf8')
    .split('\n')
    .slice(0, -1)
    .map((line): unknown => JSON.parse(line));
