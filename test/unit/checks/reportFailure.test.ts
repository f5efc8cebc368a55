/** Reports that cannot be written: they say so, and are tried again where that makes sense. */
import { describe, expect, it } from 'vitest';
import { newCreation } from '../../../shared/creation.ts';
import {
  completeDataSource,
  createDataSource,
  deleteDataSource,
} from '../../../shared/dataSources/dataSources.ts';
import { ingestSource } from '../../../shared/dataSources/ingestSource.ts';
import { objectKeys } from '../../../shared/keys.ts';
import { REPORT_ATTEMPT_MS } from '../../../shared/limits.ts';
import type { ObjectStore } from '../../../shared/ports.ts';
import { OrderBodySchema } from '../../../shared/schemas/taskApi.ts';
import { TrialRunSchema } from '../../../shared/schemas/workflow.ts';
import { createCheck } from '../../../shared/trials/createCheck.ts';
import { getCheck, getCheckReport } from '../../../shared/trials/readCheck.ts';
import { runTrial } from '../../../shared/trials/runTrial.ts';
import { createMemoryObjectStore } from '../../support/memoryObjectStore.ts';
import { createMemoryPorts, type MemoryPorts } from '../../support/memoryPorts.ts';
import { givenTemplate } from '../../support/runTask.ts';
import { OWNER } from '../../support/tasks.ts';

/** A check of a data source that was made, whose report is written when it is asked for. */
async function given() {
  const ports = createMemoryPorts();
  const body = { name: 'People', fileName: 'people.csv' };
  const creation = newCreation('dataSource', ports);
  const { dataSourceId } = await createDataSource(ports, OWNER, body, creation);
  const csv = Buffer.from('name,city\nAda,London\nLin,\n');
  await ports.objects.put(objectKeys.sourceUpload(dataSourceId), csv);
  await completeDataSource(ports, OWNER, dataSourceId, {});
  await ingestSource(ports, { dataSourceId, read: 1 });
  const templateIds = [await givenTemplate(ports, '{name} {city}')];
  const order = OrderBodySchema.parse({ templateIds, dataSourceId });
  const { checkId } = await createCheck(ports, OWNER, order, newCreation('check', ports));
  await runTrial(ports, { of: checkId, reportOnly: false });
  // As for very many rows: it is not there yet.
  await ports.objects.delete(objectKeys.checkReport(checkId));
  return { ports, dataSourceId, checkId, ask: () => getCheckReport(ports, OWNER, checkId) };
}

const started = ({ workflow }: MemoryPorts) => TrialRunSchema.parse(workflow.starts.at(-1)?.input);
const WRITING = { code: 'INVALID_STATE', retryAfterSeconds: 2 };
const FAULT = { Error: 'Sandbox.Timedout', Cause: '' };

describe('a report that cannot be written', () => {
  it('says that the rows are gone, and is not begun again', async () => {
    const { ports, dataSourceId, checkId, ask } = await given();
    await deleteDataSource(ports, OWNER, dataSourceId);
    await expect(ask()).rejects.toMatchObject(WRITING);
    await runTrial(ports, started(ports));
    const starts = ports.workflow.starts.length;
    for (const later of [0, REPORT_ATTEMPT_MS, 10 * REPORT_ATTEMPT_MS]) {
      ports.clock.advance(later);
      await expect(ask()).rejects.toMatchObject({
        code: 'DOWNLOAD_FAILED',
        message: expect.stringContaining('rows were deleted') as string,
      });
    }
    expect(ports.workflow.starts).toHaveLength(starts);
    // What was found is known all the same.
    expect(await getCheck(ports, OWNER, checkId)).toMatchObject({
      status: 'done',
      findings: [{ code: 'VALUE_EMPTY' }],
    });
  });

  it('says that it failed, until it is begun anew', async () => {
    const { ports, ask } = await given();
    await expect(ask()).rejects.toMatchObject(WRITING);
    await runTrial(ports, { ...started(ports), error: FAULT });
    ports.clock.advance(60_000);
    await expect(ask()).rejects.toMatchObject({
      code: 'INTERNAL',
      retryAfterSeconds: (REPORT_ATTEMPT_MS - 60_000) / 1000,
    });
    ports.clock.advance(REPORT_ATTEMPT_MS - 60_000);
    await expect(ask()).rejects.toMatchObject(WRITING);
    await runTrial(ports, started(ports));
    expect(await ask()).toMatchObject({ fileName: 'check.xlsx' });
  });

  it('does not take what was found with it', async () => {
    const objects = createMemoryObjectStore();
    let isBroken = true;
    const breaking: ObjectStore = {
      ...objects,
      put: (key, ...more) =>
        isBroken && key.endsWith('report.xlsx')
          ? Promise.reject(new Error('The disk is full.'))
          : objects.put(key, ...more),
    };
    const ports = { ...createMemoryPorts(), objects: breaking };
    const templateIds = [await givenTemplate(ports, '{name} {city}')];
    const order = OrderBodySchema.parse({ templateIds, data: [{ name: 'Ada', city: '' }] });
    const { checkId } = await createCheck(ports, OWNER, order, newCreation('check', ports));
    await runTrial(ports, { of: checkId, reportOnly: false });
    expect(await getCheck(ports, OWNER, checkId)).toMatchObject({ status: 'done' });
    isBroken = false;
    await expect(getCheckReport(ports, OWNER, checkId)).rejects.toMatchObject(WRITING);
    await runTrial(ports, { of: checkId, reportOnly: true });
    expect(await getCheckReport(ports, OWNER, checkId)).toMatchObject({ fileName: 'check.xlsx' });
  });
});
