/** Looking at a check, and at its report. */
import { downloadLink } from '../downloadLink.ts';
import { executionNames, objectKeys } from '../keys.ts';
import { REPORT_ATTEMPT_MS } from '../limits.ts';
import { readingFiles } from '../missingFiles.ts';
import type { Ports } from '../ports.ts';
import { readJson } from '../readJson.ts';
import { Problem } from '../problems.ts';
import { FindingsSchema, type CheckView, type Finding } from '../schemas/checkApi.ts';
import type { TrialItem } from '../schemas/items.ts';
import type { Download } from '../schemas/taskApi.ts';
import type { TrialRun } from '../schemas/workflow.ts';
import { checkView } from './checkViews.ts';
import { taskOfCheck, trialStore } from './trialStore.ts';

const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

/** Most reports are written by then. */
const REPORT_SECONDS = 2;

/** The owner's check, by itself or of a task. @throws Problem NOT_FOUND */
async function loadCheck(
  ports: Pick<Ports, 'table'>,
  ownerId: string,
  checkId: string,
): Promise<{ of: string; check: TrialItem }> {
  const of = taskOfCheck(checkId);
  const ofTask = await trialStore.find(ports, of);
  if (ofTask?.ownerId === ownerId) return { of, check: ofTask };
  return { of: checkId, check: await trialStore.load(ports, ownerId, checkId) };
}

/** @throws Problem NOT_FOUND, DOWNLOAD_FAILED when its findings are gone */
export async function getCheck(
  ports: Pick<Ports, 'table' | 'objects'>,
  ownerId: string,
  checkId: string,
): Promise<CheckView> {
  const { of, check } = await loadCheck(ports, ownerId, checkId);
  const findings = check.status === 'done' ? await readFindings(ports, of) : [];
  return checkView(checkId, check, findings);
}

const readFindings = (ports: Pick<Ports, 'objects'>, of: string): Promise<Finding[]> =>
  readingFiles('of the check', async () =>
    FindingsSchema.parse(await readJson(ports, objectKeys.checkFindings(of))),
  );

/**
 * The report: a workbook whose bad cells are marked. That of a task's check is written when it is asked for.
 * @throws Problem NOT_FOUND, INVALID_STATE before it is done, while it is written or when the check failed,
 *   DOWNLOAD_FAILED when its rows are gone, INTERNAL when it could not be written, for as long as it is not tried again
 */
export async function getCheckReport(
  ports: Pick<Ports, 'table' | 'objects' | 'clock' | 'workflow'>,
  ownerId: string,
  checkId: string,
): Promise<Download> {
  const { of, check } = await loadCheck(ports, ownerId, checkId);
  if (check.status !== 'done') {
    throw new Problem(
      'INVALID_STATE',
      check.status === 'failed'
        ? 'The check could not be made, so it has no report. Check again.'
        : 'The check is still being made. Ask for its report when its status is "done".',
    );
  }
  const key = objectKeys.checkReport(of);
  const found = await ports.objects.head(key);
  // That of a task, or of very many rows, is written when it is asked for first: few are, and nobody need wait for it.
  if (!found) {
    const now = ports.clock.now();
    requireWritable(of, check, now);
    const run: TrialRun = { of, reportOnly: true, results: null };
    await ports.workflow.start('trial', executionNames.report(of, now), run);
    throw new Problem(
      'INVALID_STATE',
      'The report is being written. Ask for it again in a moment.',
      {
        retryAfterSeconds: REPORT_SECONDS,
      },
    );
  }
  return downloadLink(ports, key, {
    fileName: 'check.xlsx',
    contentType: XLSX,
    bytes: found.bytes,
  });
}

/** Says why a report that could not be written is not tried again, or not yet. @throws Problem */
function requireWritable(of: string, { reportFailure }: TrialItem, now: number): void {
  if (!reportFailure) return;
  if (reportFailure.cause === 'gone') {
    throw new Problem(
      'DOWNLOAD_FAILED',
      'The report cannot be written any more: the rows were deleted after they were checked. Upload them again, and check anew.',
    );
  }
  // An execution of the same name would not start.
  if (executionNames.report(of, reportFailure.at) !== executionNames.report(of, now)) return;
  const next = (Math.floor(now / REPORT_ATTEMPT_MS) + 1) * REPORT_ATTEMPT_MS;
  throw new Problem(
    'INTERNAL',
    'The report could not be written because something went wrong on our side. What was found is told by the check itself. Ask for the report again later: it is tried anew.',
    { retryAfterSeconds: Math.ceil((next - now) / 1000) },
  );
}
