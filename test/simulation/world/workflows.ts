/**
 * Step Functions in virtual time: the interpreter of the local cloud over the synthesized definitions, without a
 * disk. Executions are never lost: what dies are the functions that they call.
 */
import { isDeepStrictEqual } from 'node:util';
import { machineOf, executionArn } from '../../../local/stepFunctions/arns.ts';
import { Interrupted, WorkflowFailure } from '../../../local/stepFunctions/failures.ts';
import { createRecorder, type HistoryRecord } from '../../../local/stepFunctions/history.ts';
import { parseJson } from '../../../local/stepFunctions/json.ts';
import { compileDefinition } from '../../../local/stepFunctions/language/definition.ts';
import {
  createDistributedMapRunner,
  type LiveMapRuns,
} from '../../../local/stepFunctions/map/distributedMap.ts';
import type {
  ChildRecord,
  MapRunJournal,
  MapRunStore,
  MapRunUpdate,
} from '../../../local/stepFunctions/map/mapRunFiles.ts';
import { updatedBy } from '../../../local/stepFunctions/map/mapRunFiles.ts';
import type { Run, Services } from '../../../local/stepFunctions/services.ts';
import { createWaitingTasks } from '../../../local/stepFunctions/taskTokens.ts';
import { runFlow } from '../../../local/stepFunctions/states/flow.ts';
import type { Workflow, WorkflowName } from '../../../shared/ports.ts';

/** A state machine of the template. */
export interface MachineDefinition {
  readonly arn: string;
  readonly definition: unknown;
}
export type MachineDefinitions = Readonly<Record<WorkflowName, MachineDefinition>>;

export interface Execution {
  readonly workflow: WorkflowName;
  readonly name: string;
  readonly input: unknown;
  status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'ABORTED';
  /** What happened in it, children of maps excluded. */
  readonly history: HistoryRecord[];
  readonly stop: () => void;
  /** Sets the children at a time of the maps that go on; whether there are any. */
  readonly limitMaps: (children: number) => boolean;
}

export interface Workflows extends Workflow {
  /** By workflow and name. */
  readonly executions: ReadonlyMap<string, Execution>;
}

/** The journals of one execution's Map Runs, in memory. */
function memoryStore(): MapRunStore {
  const journals = new Map<string, MapRunJournal>();
  const open = (): MapRunJournal => {
    const ended = new Map<number, ChildRecord>();
    let updated: MapRunUpdate = {};
    return {
      statusOf: (index) => ended.get(index)?.status,
      readChild: (index) => ended.get(index),
      writeChild: (child) => void ended.set(child.index, { kind: 'child', ...child }),
      takeSteps: () => undefined,
      isInterrupted: () => false,
      writeStep: () => undefined,
      updates: () => updated,
      writeUpdate: (update) => void (updated = updatedBy(updated, update)),
      close: () => undefined,
    };
  };
  return {
    open(id) {
      const journal = journals.get(id) ?? open();
      journals.set(id, journal);
      return journal;
    },
    end: () => undefined,
  };
}

type Programs = ReadonlyMap<string, ReturnType<typeof compileDefinition>>;
/** Every world of a deployment runs the same ones. */
const compiled = new WeakMap<MachineDefinitions, Programs>();

function programsOf(machines: MachineDefinitions): Programs {
  const before = compiled.get(machines);
  if (before) return before;
  const programs = new Map(
    Object.entries(machines).map(([name, { definition }]) => [
      name,
      compileDefinition(name, definition),
    ]),
  );
  compiled.set(machines, programs);
  return programs;
}

/** @param services of the simulated world; its clock is the virtual one */
export function createWorkflows(machines: MachineDefinitions, services: Services): Workflows {
  const executions = new Map<string, Execution>();
  const programs = programsOf(machines);
  const waiting = createWaitingTasks();

  function launch(workflow: WorkflowName, name: string, input: unknown): Execution {
    const { arn } = machines[workflow];
    const program = programs.get(workflow);
    if (!program) throw new Error(`There is no workflow ${workflow}.`);
    const machine = machineOf(arn);
    const controller = new AbortController();
    const live: LiveMapRuns = {
      summaries: new Map(),
      updates: new Map(),
      interrupted: new Map(),
      work: new Set(),
      closing: new AbortController().signal,
    };
    const history: HistoryRecord[] = [];
    const execution: Execution = {
      workflow,
      name,
      input,
      status: 'RUNNING',
      history,
      stop() {
        if (execution.status !== 'RUNNING') return;
        execution.status = 'ABORTED';
        controller.abort(new Interrupted('ended'));
      },
      limitMaps(children) {
        for (const update of live.updates.values()) update({ maxConcurrency: children });
        return live.updates.size > 0;
      },
    };
    const run: Run = {
      services,
      recorder: createRecorder({
        now: () => services.clock.now(),
        append: (record) => void history.push(record),
      }),
      signal: controller.signal,
      waiting,
      caller: { stateMachineArn: arn },
      execution: {
        arn: executionArn(machine, name),
        name,
        input: parseJson(JSON.stringify(input)),
        startedAt: services.clock.now(),
        stateMachineArn: arn,
        stateMachineName: machine.name,
        roleArn: 'arn:aws:iam::111122223333:role/workflow',
      },
      distributedMap: createDistributedMapRunner({ store: memoryStore(), machine, runFlow, live }),
    };
    const flow = {
      flow: program.flow,
      scope: '',
      input: run.execution.input,
      previousEventId: 0,
    };
    runFlow(run, flow).then(
      () => {
        if (execution.status === 'RUNNING') execution.status = 'SUCCEEDED';
      },
      (error: unknown) => {
        if (execution.status === 'RUNNING') execution.status = 'FAILED';
        if (!(error instanceof WorkflowFailure || error instanceof Interrupted)) {
          services.onUnrecorded?.(error);
        }
      },
    );
    return execution;
  }

  const find = (workflow: WorkflowName, name: string) => executions.get(`${workflow}/${name}`);
  return {
    executions,
    async start(workflow, name, input) {
      const before = find(workflow, name);
      if (!before) {
        executions.set(`${workflow}/${name}`, launch(workflow, name, structuredClone(input)));
      } else if (!isDeepStrictEqual(before.input, input)) {
        throw new Error(`The execution ${name} was started before with another input.`);
      }
    },
    async stop(workflow, name) {
      find(workflow, name)?.stop();
    },
    limitMaps: async (workflow, name, children) =>
      find(workflow, name)?.limitMaps(children) ?? false,
    answerTask: async (token, output) =>
      waiting.find(token)?.end({ output: parseJson(JSON.stringify(output)) }) ?? false,
  };
}
