/** Map Runs as ListMapRuns and DescribeMapRun tell them: running ones and those that have ended. */
import { mapRunId } from '../arns.ts';
import type { LiveMapRuns } from './distributedMap.ts';
import { fileNames } from '../executions/executionFiles.ts';
import type { Executions } from '../executions/executions.ts';
import { ServiceFault } from '../failures.ts';
import { mapRunIds, readMapRunSummary } from './mapRunFiles.ts';
import type { MapRunSummary, MapRunUpdate } from './mapRunFiles.ts';

export interface MapRunQueries {
  /** Of one execution, newest first. @throws {ServiceFault} ExecutionDoesNotExist */
  list(executionArn: string): MapRunSummary[];
  /** @throws {ServiceFault} ResourceNotFound */
  describe(mapRunArn: string): MapRunSummary;
  /** Changes one that goes on. @throws {ServiceFault} ResourceNotFound, ValidationException */
  update(mapRunArn: string, update: MapRunUpdate): void;
}

export function createMapRunQueries(executions: Executions, live: LiveMapRuns): MapRunQueries {
  const read = (executionArn: string, id: string): MapRunSummary | undefined => {
    const running = [...live.summaries.values()].find((run) => mapRunId(run.mapRunArn) === id);
    if (running) return running;
    const summary = readMapRunSummary(executions.folderOf(executionArn), id);
    // A run without a summary whose execution has ended was cut off with an earlier engine.
    const cutOff =
      summary?.status === 'RUNNING' && executions.describe(executionArn).status !== 'RUNNING';
    return summary && cutOff ? { ...summary, status: 'ABORTED' } : summary;
  };
  const queries: MapRunQueries = {
    list: (executionArn) =>
      mapRunIds(fileNames(executions.folderOf(executionArn)))
        .map((id) => read(executionArn, id))
        .filter((summary) => summary !== undefined)
        .sort((a, b) => b.startedAt - a.startedAt),
    describe(arn) {
      const id = mapRunId(arn);
      for (const { executionArn } of executions.list()) {
        if (id === undefined || !holds(executions.folderOf(executionArn), id)) continue;
        const summary = read(executionArn, id);
        if (summary?.mapRunArn === arn) return summary;
      }
      const running = live.summaries.get(arn);
      if (running) return running;
      throw new ServiceFault('ResourceNotFound', `Resource not found: '${arn}'`);
    },
    update(arn, change) {
      const update = live.updates.get(arn);
      if (update) return update(change);
      const { status } = queries.describe(arn);
      throw new ServiceFault(
        'ValidationException',
        `The Map Run is ${status} and cannot be updated: '${arn}'`,
      );
    },
  };
  return queries;
}

const holds = (folder: string, id: string) => mapRunIds(fileNames(folder)).includes(id);
