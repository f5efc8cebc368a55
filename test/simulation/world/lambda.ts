/** Invocations of functions, each in a process of its own, as Lambda and those in front of it make them. */
import type { Context } from 'aws-lambda';
import * as z from 'zod';
import type { InvokeOutcome } from '../../../local/stepFunctions/services.ts';
import { WORKFLOW_ERRORS } from '../../../shared/names.ts';
import { lambdaContext } from '../../support/gatewayEvents.ts';
import type { Scenario } from '../scenario.ts';
import { byNumber } from './faults.ts';
import { functions, type SimulatedFunction } from './functions.ts';
import { enter } from './process.ts';
import type { Processes } from './processes.ts';
import type { Timeline } from './timeline.ts';
import type { Trace } from './trace.ts';

/** Until an invocation begins, in ms. */
const BEGIN_MS = 2;
/** Within this Lambda tells that a function's process has ended, in ms. */
const EXIT_MS = 20;
/** A function without a workflow around it has so long, in seconds (API Gateway: 29). */
export const GATEWAY_SECONDS = 29;

/** Who invokes: a step of a workflow, or a gateway or schedule. Each counts for itself. */
export type Invoker = 'step' | 'request';

export interface Lambda {
  invoke(
    name: SimulatedFunction,
    event: unknown,
    by: { readonly of: Invoker; readonly seconds: number },
  ): Promise<InvokeOutcome>;
  /** Invocations so far. */
  invocations(): number;
  /** Processes that lost a lease although no fault struck them. */
  readonly lostLeases: string[];
  /** Functions that ran with a wrong clock. */
  readonly skewed: string[];
  /** From now on no invocation fails. */
  calmDown(): void;
}

interface Ground {
  readonly scenario: Scenario;
  readonly timeline: Timeline;
  readonly trace: Trace;
  readonly processes: Processes;
  readonly pause: (ms: number) => Promise<void>;
  /** Told of each fault that strikes. */
  readonly onFault: (kind: string) => void;
}

/** An event as it arrives: JSON. */
function copyOf(event: unknown): unknown {
  return JSON.parse(JSON.stringify(event));
}

/** What is streamed a second time does not reach whoever reads the first answer. */
const toNobody = (event: unknown): unknown => {
  const { requestContext, ...request } = StreamedSchema.parse(event);
  return { ...request, requestContext: { ...requestContext, requestId: 'nobody' } };
};
const StreamedSchema = z.looseObject({ requestContext: z.looseObject({}) });

export function createLambda(ground: Ground): Lambda {
  const { scenario, timeline, trace, processes, pause, onFault } = ground;
  let faults = {
    step: byNumber(scenario.stepFaults),
    request: byNumber(scenario.requestFaults),
  };
  const invoked = { step: 0, request: 0 };
  const numberOf = new Map<string, number>();
  const lostLeases: string[] = [];
  const skewed: string[] = [];

  /** Runs a function in a process of its own, once. */
  function run(
    name: SimulatedFunction,
    event: unknown,
    seconds: number,
    skewMs: number,
  ): Promise<InvokeOutcome> {
    const number = (numberOf.get(name) ?? 0) + 1;
    numberOf.set(name, number);
    const label = `${name} ${number}`;
    return new Promise((resolve) => {
      const process = processes.start({
        name: label,
        seconds,
        skewMs,
        // What a client waits for ends with its timeout, whatever it is at.
        canOutlive: seconds > GATEWAY_SECONDS,
        onEnd(end) {
          const outcome: InvokeOutcome =
            end === 'died'
              ? {
                  ok: false,
                  errorType: 'Runtime.ExitError',
                  errorMessage: 'The process has ended.',
                }
              : { ok: false, errorType: 'Sandbox.Timedout', errorMessage: 'It timed out.' };
          timeline.at(timeline.now() + EXIT_MS, () => resolve(outcome));
        },
      });
      const context: Context = {
        ...lambdaContext(),
        getRemainingTimeInMillis: () => Math.max(0, process.endsAt - (process.now() - skewMs)),
      };
      enter(process);
      functions[name](copyOf(event), context).then(
        (payload: unknown) => {
          process.finish();
          if (process.isAlive()) resolve({ ok: true, payload });
        },
        (error: unknown) => {
          process.finish();
          if (!process.isAlive()) return;
          const { name: errorType, message } = error instanceof Error ? error : new Error();
          if (name !== 'api') trace.note(label, `throws ${errorType}`);
          if (errorType === WORKFLOW_ERRORS.leaseLost && process.isWell()) lostLeases.push(label);
          resolve({ ok: false, errorType, errorMessage: message });
        },
      );
    });
  }

  async function invoke(
    name: SimulatedFunction,
    event: unknown,
    { of, seconds }: { readonly of: Invoker; readonly seconds: number },
  ): Promise<InvokeOutcome> {
    const number = ++invoked[of];
    const fault = faults[of].get(number);
    const kind = fault?.kind;
    trace.invocation(`${of} ${number}`, name, kind);
    if (kind) onFault(`${of} ${kind}`);
    if (kind === 'throttled') {
      await pause(EXIT_MS);
      return {
        ok: false,
        errorType: 'Lambda.TooManyRequestsException',
        errorMessage: 'Rate Exceeded.',
      };
    }
    await pause(fault && kind === 'late' ? fault.ms : BEGIN_MS);
    const skewMs = fault && kind === 'skewed' ? fault.ms : 0;
    if (skewMs !== 0) skewed.push(name);
    const first = run(name, event, seconds, skewMs);
    if (fault && kind === 'twice') {
      timeline.at(timeline.now() + fault.ms, () => {
        // Whoever is first answers; what becomes of the other is nobody's matter.
        void run(name, name === 'eventStream' ? toNobody(event) : event, seconds, 0);
      });
    }
    const outcome = await first;
    return kind === 'answerLost'
      ? { ok: false, errorType: 'Lambda.SdkClientException', errorMessage: 'The connection broke.' }
      : outcome;
  }

  return {
    invoke,
    invocations: () => invoked.step + invoked.request,
    lostLeases,
    skewed,
    calmDown: () => void (faults = { step: new Map(), request: new Map() }),
  };
}
