/** Executions from their start to their end, over restarts of the engine. */
import { executionArn, machineOf } from '../arns.ts';
import { ServiceFault } from '../failures.ts';
import { jsonEquals, parseJson } from '../json.ts';
import type { Json } from '../json.ts';
import { compileDefinition } from '../language/definition.ts';
import type { Program } from '../language/program.ts';
import type { LiveMapRuns } from '../map/distributedMap.ts';
import { randomUuid } from '../randomness.ts';
import type { Services } from '../services.ts';
import {
  createExecution,
  executionFolder,
  readEnd,
  readStart,
  reopenExecution,
} from './executionFiles.ts';
import type { ExecutionStart } from './executionFiles.ts';
import { openRegistry } from './executionRegistry.ts';
import type { Entry, ExecutionSummary } from './executionRegistry.ts';
import type { WaitingTasks } from '../taskTokens.ts';
import { runExecution } from './runningExecution.ts';
import type { ExecutionJob, RunningExecution } from './runningExecution.ts';
import { checkName, readInput } from './startRequest.ts';

/** A state machine as the engine keeps it. */
export interface Machine {
  readonly arn: string;
  readonly name: string;
  readonly roleArn: string;
  readonly definition: Json;
  readonly program: Program;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

/** An execution in full. */
export interface ExecutionDescription extends ExecutionSummary {
  /** JSON texts. */
  readonly input: string;
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
}

export interface Executions {
  /** StartExecution. @throws {ServiceFault} */
  start(request: {
    stateMachineArn: string;
    name?: string | undefined;
    input?: string | undefined;
  }): {
    executionArn: string;
    startedAt: number;
  };
  /** DescribeExecution. @throws {ServiceFault} ExecutionDoesNotExist */
  describe(executionArn: string): ExecutionDescription;
  /** StopExecution; harmless once the execution has ended. @throws {ServiceFault} */
  stop(
    executionArn: string,
    details?: { error?: string | undefined; cause?: string | undefined },
  ): { endedAt: number };
  /** Whether an execution goes on in this process, was left by an earlier one, or has ended; undefined: there is none. */
  standing(executionArn: string): 'running' | 'left' | 'ended' | undefined;
  /** Every execution that is kept, newest first. */
  list(): ExecutionSummary[];
  /** Where an execution keeps its files. @throws {ServiceFault} ExecutionDoesNotExist */
  folderOf(executionArn: string): string;
  /** Takes up every execution that was interrupted; how many. */
  resumeAll(): number;
  /** Leaves every execution where it stands, for a later engine. */
  close(): Promise<void>;
}

/** Finds the executions that an earlier engine has left; none is taken up before resumeAll. */
export function createExecutions({
  dataDir,
  services,
  machines,
  live,
  waiting,
  closing,
}: {
  dataDir: string;
  services: Services;
  machines: ReadonlyMap<string, Machine>;
  live: LiveMapRuns;
  waiting: WaitingTasks;
  /** Aborted here; the Map Runs that outlive their execution watch it. */
  closing: AbortController;
}): Executions {
  const { clock, random, log } = services;
  const machineNames = [...machines.values()].map(({ name }) => name);
  const registry = openRegistry<RunningExecution>(dataDir, machineNames);
  const work = new Set<Promise<void>>();
  const prune = () => {
    const outliving = new Set([...live.summaries.values()].map((run) => run.executionArn));
    registry.prune(clock.now(), (executionArn) => outliving.has(executionArn));
  };
  prune();

  function launch(
    entry: Entry<RunningExecution>,
    job: Pick<ExecutionJob, 'start' | 'program' | 'journal' | 'positions' | 'lastEventId'>,
  ): void {
    const running = runExecution({
      ...job,
      folder: entry.folder,
      services,
      live,
      waiting,
      onEnd(end) {
        registry.ended(entry, end);
        delete entry.active;
        prune();
      },
    });
    if (entry.summary.status === 'RUNNING') entry.active = running;
    work.add(running.done);
    void running.done.then(() => work.delete(running.done));
  }

  function started(
    request: { name?: string | undefined; input?: string | undefined },
    machine: Machine,
  ) {
    const name = request.name ?? randomUuid(random);
    checkName(name);
    const input = request.input ?? '{}';
    const value = readInput(input);
    const arn = executionArn(machineOf(machine.arn), name);
    const existing = registry.find(arn);
    if (existing) {
      const same =
        existing.summary.status === 'RUNNING' &&
        jsonEquals(parseJson(readStart(existing.folder)?.input ?? 'null'), value);
      if (same) return { executionArn: arn, startedAt: existing.summary.startedAt };
      throw new ServiceFault('ExecutionAlreadyExists', `Execution Already Exists: '${arn}'`);
    }
    const start: ExecutionStart = {
      kind: 'execution',
      arn,
      name,
      stateMachineArn: machine.arn,
      roleArn: machine.roleArn,
      definition: machine.definition,
      input,
      startedAt: clock.now(),
    };
    const folder = executionFolder(dataDir, machine.name, name);
    const journal = createExecution(folder, start);
    const { program } = machine;
    launch(registry.add(start, folder), { start, program, journal, lastEventId: 0 });
    return { executionArn: arn, startedAt: start.startedAt };
  }

  function resume(entry: Entry<RunningExecution>): void {
    const start = readStart(entry.folder);
    if (!start) return;
    const { journal, positions, lastEventId } = reopenExecution(entry.folder);
    const program = compileDefinition(machineOf(start.stateMachineArn).name, start.definition);
    launch(entry, { start, program, journal, positions, lastEventId });
  }

  return {
    start(request) {
      const machine = machines.get(request.stateMachineArn);
      if (machine) return started(request, machine);
      throw new ServiceFault(
        'StateMachineDoesNotExist',
        `State Machine Does Not Exist: '${request.stateMachineArn}'`,
      );
    },
    describe(arn) {
      const { summary, folder } = registry.get(arn);
      const { output, error, cause } =
        (summary.status === 'RUNNING' ? undefined : readEnd(folder)) ?? {};
      return {
        ...summary,
        input: readStart(folder)?.input ?? '{}',
        ...(output !== undefined && { output }),
        ...(error !== undefined && { error }),
        ...(cause !== undefined && { cause }),
      };
    },
    stop(arn, { error, cause } = {}) {
      const entry = registry.get(arn);
      if (entry.summary.status === 'RUNNING' && !entry.active) resume(entry);
      entry.active?.abort({
        ...(error !== undefined && { error }),
        ...(cause !== undefined && { cause }),
      });
      return { endedAt: entry.summary.endedAt ?? clock.now() };
    },
    standing(arn) {
      const entry = registry.find(arn);
      if (!entry) return undefined;
      if (entry.summary.status !== 'RUNNING') return 'ended';
      return entry.active ? 'running' : 'left';
    },
    list: () => registry.all().map(({ summary }) => summary),
    folderOf: (arn) => registry.get(arn).folder,
    resumeAll() {
      const open = registry
        .all()
        .filter(({ summary, active }) => summary.status === 'RUNNING' && !active);
      for (const entry of open) {
        try {
          resume(entry);
        } catch (error) {
          // One that cannot go on must not keep the others from it.
          log.error('An execution could not be taken up again.', {
            execution: entry.summary.executionArn,
            fault: error instanceof Error ? error.message : String(error),
          });
        }
      }
      return open.length;
    },
    async close() {
      closing.abort();
      for (const { active } of registry.all()) active?.leave();
      await Promise.allSettled([...work, ...live.work]);
    },
  };
}
