/** Answers as the Step Functions API shapes them (API Reference). */
import type { ExecutionDescription } from '../executions/executions.ts';
import type { Machine } from '../executions/executions.ts';
import type { ExecutionSummary } from '../executions/executionRegistry.ts';
import type { HistoryEvent } from '../history.ts';
import type { MapRunSummary } from '../map/mapRunFiles.ts';

/** Times of AWS JSON are seconds since 1970, with fractions. */
export const seconds = (ms: number) => ms / 1000;

export function listedExecution(summary: ExecutionSummary) {
  const { executionArn, stateMachineArn, name, status, startedAt, endedAt } = summary;
  return {
    executionArn,
    stateMachineArn,
    name,
    status,
    startDate: seconds(startedAt),
    ...(endedAt !== undefined && { stopDate: seconds(endedAt) }),
    redriveCount: 0,
  };
}

export function describedExecution(described: ExecutionDescription) {
  const { input, output, error, cause, status } = described;
  return {
    ...listedExecution(described),
    input,
    inputDetails: { included: true },
    ...(output !== undefined && { output, outputDetails: { included: true } }),
    ...(error !== undefined && { error }),
    ...(cause !== undefined && { cause }),
    redriveStatus: 'NOT_REDRIVABLE',
    redriveStatusReason: `Execution is ${status} and cannot be redriven`,
  };
}

export function listedMachine({ arn, name, createdAt }: Machine) {
  return { stateMachineArn: arn, name, type: 'STANDARD', creationDate: seconds(createdAt) };
}

export function describedMachine(machine: Machine) {
  return {
    ...listedMachine(machine),
    status: 'ACTIVE',
    roleArn: machine.roleArn,
    definition: JSON.stringify(machine.definition),
    loggingConfiguration: { level: 'OFF', includeExecutionData: false },
    tracingConfiguration: { enabled: false },
  };
}

export function listedMapRun({
  mapRunArn,
  executionArn,
  stateMachineArn,
  startedAt,
  endedAt,
}: MapRunSummary) {
  return {
    executionArn,
    mapRunArn,
    stateMachineArn,
    startDate: seconds(startedAt),
    ...(endedAt !== undefined && { stopDate: seconds(endedAt) }),
  };
}

export function describedMapRun(run: MapRunSummary) {
  return {
    mapRunArn: run.mapRunArn,
    executionArn: run.executionArn,
    startDate: seconds(run.startedAt),
    ...(run.endedAt !== undefined && { stopDate: seconds(run.endedAt) }),
    status: run.status,
    maxConcurrency: run.maxConcurrency,
    toleratedFailurePercentage: run.toleratedFailurePercentage,
    toleratedFailureCount: run.toleratedFailureCount,
    itemCounts: run.itemCounts,
    executionCounts: run.executionCounts,
    redriveCount: 0,
  };
}

/** Fields of event details that hold data of the execution. */
const DATA_FIELDS = new Set(['input', 'output', 'parameters', 'inputDetails', 'outputDetails']);

export function toldEvent({ timestamp, ...event }: HistoryEvent, withData: boolean): unknown {
  const told = Object.entries(event).map(([key, value]) => {
    if (withData || typeof value !== 'object' || value === null) return [key, value];
    return [
      key,
      Object.fromEntries(Object.entries(value).filter(([field]) => !DATA_FIELDS.has(field))),
    ];
  });
  return { ...Object.fromEntries(told), timestamp: seconds(timestamp) };
}
