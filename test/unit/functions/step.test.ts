import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { step } from '../../../functions/runtime/step.ts';
import { Problem, WorkflowError } from '../../../shared/problems.ts';
import { lambdaContext } from '../../support/gatewayEvents.ts';
import { createMemoryPorts } from '../../support/memoryPorts.ts';

const input = z.object({ taskId: z.string(), run: z.int() });
const output = z.object({ shards: z.int() });
const EVENT = { taskId: 'task_1', run: 1 };

const failing = (error: unknown) => {
  const ports = createMemoryPorts();
  const run = async () => {
    throw error;
  };
  const handler = step({ ports, input, output, run });
  return { ports, thrown: handler(EVENT, lambdaContext()).catch((caught: unknown) => caught) };
};

describe('step', () => {
  it('passes on ports, parsed input and the time that is left', async () => {
    const ports = createMemoryPorts();
    const handler = step({
      ports,
      input,
      output,
      run: async (given, { run, ...rest }, { remainingMs }) => {
        expect(given).toBe(ports);
        expect(rest).toEqual({ taskId: 'task_1' });
        return { shards: run + remainingMs() };
      },
    });
    const event = { ...EVENT, row: 'Ada' };
    await expect(handler(event, lambdaContext(1_000))).resolves.toEqual({ shards: 1_001 });
  });

  it.each([
    [new WorkflowError('ShardBusy', 'Somebody else has it.'), 'info'],
    [new WorkflowError('LeaseLost', 'Somebody else has it now.'), 'info'],
    [new WorkflowError('ServiceUnavailable', 'S3 does not answer.'), 'error'],
    [new TypeError('x is undefined'), 'error'],
  ] as const)('logs %s by what the workflow does about it', async (error, level) => {
    const { ports, thrown } = failing(error);
    expect(await thrown).toMatchObject({ name: error.name });
    expect(ports.log.entries.map((entry) => entry.level)).toEqual([level]);
  });

  it('lets nothing into the workflow that the output does not name', async () => {
    const run = async () => ({ shards: 1, rows: ['Ada'] });
    const handler = step({ ports: createMemoryPorts(), input, output, run });
    await expect(handler(EVENT, lambdaContext())).resolves.toEqual({ shards: 1 });
  });

  it('gives nothing for a step without an output', async () => {
    const run = async () => undefined;
    const handler = step({ ports: createMemoryPorts(), input, output: z.void(), run });
    await expect(handler(EVENT, lambdaContext())).resolves.toBeUndefined();
  });

  it('names the fields of an input that is not as the workflow says, not their values', async () => {
    const run = async () => ({ shards: 1 });
    const handler = step({ ports: createMemoryPorts(), input, output, run });
    const thrown = handler({ taskId: 'Ada', run: 'Lovelace' }, lambdaContext());
    await expect(thrown).rejects.toMatchObject({ name: 'InvalidInput' });
    await expect(thrown).rejects.toThrow('/run invalid_type');
    await expect(thrown).rejects.not.toThrow('Lovelace');
  });

  it('refuses an output that is not as the workflow says', async () => {
    const run = async () => ({ shards: 1.5 });
    const handler = step({ ports: createMemoryPorts(), input, output, run });
    await expect(handler(EVENT, lambdaContext())).rejects.toMatchObject({ name: 'InvalidOutput' });
  });

  it.each([
    ['ShardBusy', new WorkflowError('ShardBusy', 'Another attempt works.')],
    ['DATA_INVALID', new Problem('DATA_INVALID', 'Row 3 is broken.')],
    ['TypeError', new TypeError('Cannot read Ada Lovelace')],
  ])('throws %s under its own name, for Retry and Catch', async (name, error) => {
    const { ports, thrown } = failing(error);
    expect(await thrown).toMatchObject({ name });
    expect(ports.log.entries).toMatchObject([{ fields: { error } }]);
  });

  it('keeps the cause, and data out of what Lambda passes on', async () => {
    const cause = new SyntaxError('Unexpected token A, "Ada Lovelace" is not valid JSON');
    const { thrown } = failing(new WorkflowError('ServiceUnavailable', 'S3 is away.', { cause }));
    const error = (await thrown) as Error;
    // What the Node runtime answers for a thrown error, and what it prints.
    const payload = [error.name, error.message, error.stack, Object.entries(error)];
    expect(JSON.stringify([payload, String(error.cause)])).not.toContain('Ada');
    expect((error.cause as Error).name).toBe('SyntaxError');
  });
});
