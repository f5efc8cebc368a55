/** What every implementation of the workflow port does: run over the fake and over the adapter. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Workflow, WorkflowName } from '../../../shared/ports.ts';

export interface WorkflowFixture {
  readonly workflow: Workflow;
  /** Inputs of the executions that were begun under the name; a harmless start begins none. */
  begun(workflow: WorkflowName, executionName: string): Promise<unknown[]>;
  /** Lets every execution come to its end. */
  endAll(): Promise<void>;
  close(): Promise<void>;
}

export function workflowSuite(title: string, open: () => Promise<WorkflowFixture>) {
  describe(`the workflow port, ${title}`, () => {
    let fixture: WorkflowFixture;
    let workflow: Workflow;
    let names = 0;
    let name: string;

    beforeAll(async () => {
      fixture = await open();
      workflow = fixture.workflow;
    });
    afterAll(() => fixture.close());
    // A name for each test: they share the executions.
    beforeEach(() => {
      name = `task_${++names}-1`;
    });

    const input = { taskId: 'task_ü', run: 1, nested: { list: [1, null, 'x'] } };

    it('starts an execution with its input', async () => {
      await workflow.start('task', name, input);
      expect(await fixture.begun('task', name)).toEqual([input]);
    });

    it('finds no map to limit of an execution without one, or of none', async () => {
      expect(await workflow.limitMaps('task', name, 3)).toBe(false);
      await workflow.start('task', name, input);
      expect(await workflow.limitMaps('task', name, 3)).toBe(false);
    });

    it('keeps the names of two workflows apart', async () => {
      await workflow.start('task', name, { taskId: 'a' });
      await workflow.start('ingest', name, { dataSourceId: 'b' });
      expect(await fixture.begun('task', name)).toEqual([{ taskId: 'a' }]);
      expect(await fixture.begun('ingest', name)).toEqual([{ dataSourceId: 'b' }]);
    });

    it('takes a second start with the same input for harmless while the first one runs', async () => {
      await workflow.start('task', name, { a: 1, b: 2 });
      await workflow.start('task', name, { a: 1, b: 2 });
      await workflow.start('task', name, { b: 2, a: 1 });
      expect(await fixture.begun('task', name)).toEqual([{ a: 1, b: 2 }]);
    });

    it('takes it for harmless when the first one has ended, and does not begin anew', async () => {
      await workflow.start('task', name, input);
      await fixture.endAll();
      await workflow.start('task', name, input);
      expect(await fixture.begun('task', name)).toEqual([input]);
    });

    it('begins once, however many start it at a time', async () => {
      await Promise.all(Array.from({ length: 10 }, () => workflow.start('task', name, input)));
      expect(await fixture.begun('task', name)).toEqual([input]);
    });

    it('refuses a second start with another input, and leaves the first one alone', async () => {
      await workflow.start('task', name, input);
      const again = { ...input, run: 2 };
      await expect(workflow.start('task', name, again)).rejects.toThrow(name);
      await fixture.endAll();
      await expect(workflow.start('task', name, again)).rejects.toThrow('another input');
      expect(await fixture.begun('task', name)).toEqual([input]);
    });

    it('stops an execution for good, and leaves alone what has ended or never was', async () => {
      await workflow.stop('schedule', name);
      await workflow.start('schedule', name, input);
      await workflow.stop('schedule', name);
      await workflow.stop('schedule', name);
      await workflow.start('schedule', name, input);
      expect(await fixture.begun('schedule', name)).toEqual([input]);
    });

    it('takes names of 80 characters', async () => {
      const long = `${name}-${'aZ9_'.repeat(20)}`.slice(0, 80);
      await workflow.start('task', long, input);
      expect(await fixture.begun('task', long)).toEqual([input]);
    });

    it.each([
      ['none', ''],
      ['81 characters', 'a'.repeat(81)],
      ['a space', 'a b'],
      ['a slash', 'a/b'],
      ['an asterisk', 'a*'],
    ])('refuses a name: %s', async (_, refused) => {
      await expect(workflow.start('task', refused, input)).rejects.toThrow();
      expect(await fixture.begun('task', refused)).toEqual([]);
    });

    it('refuses an input above 256 KiB', async () => {
      const large = (length: number) => ({ text: 'ü'.repeat(length) });
      await expect(workflow.start('task', name, large(131_072))).rejects.toThrow();
      await workflow.start('task', name, large(130_000));
      expect(await fixture.begun('task', name)).toHaveLength(1);
    });
  });
}
