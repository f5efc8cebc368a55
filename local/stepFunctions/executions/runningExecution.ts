/** One execution while it runs in this process: from its start, or from where it stood, to its end. */
import { setMaxListeners } from 'node:events';
import { machineOf } from '../arns.ts';
import { Interrupted, WorkflowFailure, failureDetails } from '../failures.ts';
import type { InterruptReason } from '../failures.ts';
import { createRecorder, eventDetails, isTransition } from '../history.ts';
import type { Positions } from '../history.ts';
import type { Journal } from '../../disk/journal.ts';
import { parseJson } from '../json.ts';
import type { Program } from '../language/program.ts';
import { createDistributedMapRunner } from '../map/distributedMap.ts';
import type { LiveMapRuns } from '../map/distributedMap.ts';
import { mapRunStore } from '../map/mapRunFiles.ts';
import { setAlarm } from '../services.ts';
import type { Run, Services } from '../services.ts';
import { runFlow } from '../states/flow.ts';
import type { WaitingTasks } from '../taskTokens.ts';
import { END_EVENTS } from './executionFiles.ts';
import type { ExecutionEnd, ExecutionStart } from './executionFiles.ts';

export interface RunningExecution {
  /** Ends the execution where it stands; without effect once it has ended. */
  abort(details: Pick<ExecutionEnd, 'error' | 'cause'>): void;
  /** Leaves the execution where it stands, for a later engine. */
  leave(): void;
  /** Settles when nothing more will be recorded. */
  readonly done: Promise<void>;
}

export interface ExecutionJob {
  readonly start: ExecutionStart;
  readonly program: Program;
  readonly folder: string;
  readonly services: Services;
  readonly live: LiveMapRuns;
  readonly waiting: WaitingTasks;
  readonly journal: Journal;
  /** Of an execution that is taken up again: where its flows stood. */
  readonly positions?: Positions;
  /** 0 for an execution that begins. */
  readonly lastEventId: number;
  /** Called once, when the execution has ended for good. */
  readonly onEnd: (end: ExecutionEnd) => void;
}

/** Runs an execution; what happens to it is in its journal before anyone learns of it. */
export function runExecution(job: ExecutionJob): RunningExecution {
  const { start, program, folder, services, live, waiting, journal } = job;
  const { clock, log } = services;
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  let open = true;
  let unwritten: NodeJS.Immediate | undefined;
  const writeGathered = () => {
    unwritten = undefined;
    try {
      if (open) journal.flush();
    } catch {
      // A full disk: the next commit fails by it, or writes what is still gathered.
    }
  };
  const recorder = createRecorder({
    now: () => clock.now(),
    append(record) {
      // What happens in one go is written in one go: before a function is invoked, or at its end.
      journal.gather(record);
      unwritten ??= setImmediate(writeGathered);
      if (isTransition(record)) services.meter?.transition();
    },
    commit: () => {
      if (open) journal.flush();
    },
    lastEventId: job.lastEventId,
    ...(job.positions && { positions: job.positions }),
  });
  let cancelAlarm: () => void = () => undefined;
  const close = () => {
    open = false;
    cancelAlarm();
    recorder.close();
    journal.close();
  };
  const interrupt = (reason: InterruptReason) => {
    controller.abort(new Interrupted(reason));
  };
  const end = (how: Omit<ExecutionEnd, 'endedAt'>, previousEventId?: number) => {
    if (!open) return;
    const ended = { ...how, endedAt: clock.now() };
    const { output, error, cause } = how;
    const type = END_EVENTS[how.status];
    const details = {
      ...(output !== undefined && { output, outputDetails: { truncated: false } }),
      ...(error !== undefined && { error }),
      ...(cause !== undefined && { cause }),
    };
    recorder.end(type, eventDetails(type, details), previousEventId);
    journal.flush();
    close();
    job.onEnd(ended);
  };
  const run: Run = {
    services,
    recorder,
    signal: controller.signal,
    waiting,
    caller: { stateMachineArn: start.stateMachineArn },
    execution: {
      arn: start.arn,
      name: start.name,
      input: parseJson(start.input),
      startedAt: start.startedAt,
      stateMachineArn: start.stateMachineArn,
      stateMachineName: machineOf(start.stateMachineArn).name,
      roleArn: start.roleArn,
    },
    distributedMap: createDistributedMapRunner({
      store: mapRunStore(folder),
      machine: machineOf(start.stateMachineArn),
      runFlow,
      live,
    }),
  };
  const runToEnd = async () => {
    try {
      const { input } = run.execution;
      const flow = { flow: program.flow, scope: '', input, previousEventId: 0 };
      const { output, lastEventId } = await runFlow(run, flow);
      end({ status: 'SUCCEEDED', output: JSON.stringify(output) }, lastEventId);
    } catch (error) {
      if (error instanceof Interrupted) return;
      if (!(error instanceof WorkflowFailure)) throw error;
      end({ status: 'FAILED', ...failureDetails(error) });
    }
  };
  if (job.lastEventId === 0) {
    services.meter?.execution();
    const { input, roleArn } = start;
    recorder.event({
      scope: 'execution',
      previousEventId: 0,
      type: 'ExecutionStarted',
      details: eventDetails('ExecutionStarted', {
        input,
        inputDetails: { truncated: false },
        roleArn,
      }),
    });
  }
  if (program.timeoutSeconds !== undefined) {
    const left = start.startedAt + program.timeoutSeconds * 1000 - clock.now();
    cancelAlarm = setAlarm(services, Math.max(0, left), () => {
      end({ status: 'TIMED_OUT' }, 0);
      interrupt('ended');
    });
  }
  return {
    abort(details) {
      end({ status: 'ABORTED', ...details }, 0);
      interrupt('ended');
    },
    leave() {
      close();
      interrupt('engine closed');
    },
    done: runToEnd().catch((error: unknown) => {
      log.error('An execution could not be recorded.', { execution: start.arn, error });
      services.onUnrecorded?.(error);
    }),
  };
}
