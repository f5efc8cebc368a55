/** What the workflow engine needs from the rest of the local cloud, under its roles' permissions. */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../shared/ports.ts';
import type { Access } from './iam/access.ts';
import { diskFault, inShort, isFull } from './disk/diskFault.ts';
import type { ObjectEngine } from './s3/objectEngine.ts';
import type { Invoke } from './lambda/invoke.ts';
import type { WorkflowMeter } from './billing/meter.ts';
import type { Caller, InvokeOutcome, Services } from './stepFunctions/services.ts';

export interface WorkflowServicesOptions {
  readonly invoke: Invoke;
  readonly objects: ObjectEngine;
  readonly access: Access;
  /** Access key id of the role that a state machine acts in. */
  readonly roleOfMachine: (stateMachineArn: string) => string;
  readonly log: Log;
  readonly meter: WorkflowMeter;
  /** It cannot go on: an execution stands still until the next start. */
  readonly onBroken: (error: Error) => void;
}

/** Errors of the Lambda service itself come to a workflow under these names. */
const SERVICE_ERRORS: Readonly<Record<string, string>> = {
  ResourceNotFoundException: 'Lambda.ResourceNotFoundException',
  RequestTooLargeException: 'Lambda.RequestTooLargeException',
};

export function workflowServices(options: WorkflowServicesOptions): Services {
  const { invoke, objects, access, roleOfMachine, log, meter, onBroken } = options;
  const roleOf = (caller: Caller) => roleOfMachine(caller.stateMachineArn);
  return {
    clock: {
      now: () => Date.now(),
      sleep: (ms, signal) => sleep(ms, undefined, { ref: false, ...(signal ? { signal } : {}) }),
    },
    random: { bytes: (count) => randomBytes(count) },
    log,
    meter,
    onUnrecorded(error) {
      const fault = diskFault(error);
      const reason = fault ? inShort(fault) : String(error);
      const remedy = `${fault && isFull(fault) ? 'Make room' : 'Mend it'} and start again`;
      onBroken(
        new Error(
          `What the workflows do cannot be written down any more: ${reason}.\n` +
            `${remedy}: they go on where they were.`,
          { cause: error },
        ),
      );
    },
    async invoke(functionArn, payload, caller): Promise<InvokeOutcome> {
      const role = roleOf(caller);
      if (!access.allows(role, 'lambda:InvokeFunction', functionArn)) {
        const errorMessage = `User: ${role} is not authorized to perform: lambda:InvokeFunction on resource: ${functionArn}`;
        return { ok: false, errorType: 'Lambda.AWSLambdaException', errorMessage };
      }
      const result = await invoke(functionArn, JSON.stringify(payload));
      if (result.ok) return { ok: true, payload: JSON.parse(result.payload) };
      const { errorType, ...error } = result.error;
      return { ok: false, ...error, errorType: SERVICE_ERRORS[errorType] ?? errorType };
    },
    objects: {
      read: (bucket, key, caller) => objects.read({ bucket, key }, roleOf(caller)),
      write: (bucket, key, body, caller) =>
        objects.write({ bucket, key }, body, 'application/json', roleOf(caller)),
    },
  };
}
