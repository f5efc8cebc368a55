import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { log, logInvocation } from '../../../functions/runtime/logging.ts';
import { metrics, publishMetrics } from '../../../functions/runtime/metrics.ts';
import { METRICS, METRICS_NAMESPACE } from '../../../shared/names.ts';
import { lambdaContext } from '../../support/gatewayEvents.ts';

let printed = '';
const print = (text: string | Uint8Array) => {
  printed += text.toString();
  return true;
};

beforeEach(() => {
  printed = '';
  vi.spyOn(process.stdout, 'write').mockImplementation(print);
  vi.spyOn(process.stderr, 'write').mockImplementation(print);
});
afterEach(() => vi.restoreAllMocks());

const lines = () =>
  printed
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line));

describe('log', () => {
  it('writes a line of JSON that names the invocation', () => {
    logInvocation(lambdaContext());
    log.info('Planned a task.', { shards: 3 });
    expect(lines()).toMatchObject([
      {
        level: 'INFO',
        message: 'Planned a task.',
        service: 'sheaf',
        function_request_id: lambdaContext().awsRequestId,
        shards: 3,
      },
    ]);
  });

  it('writes errors with their names and places, but without the data in them', () => {
    const cause = new SyntaxError('Unexpected token A, "Ada Lovelace" is not valid JSON');
    log.error('The step failed.', { error: new Error('Ada', { cause }) });
    log.warn('A try failed.', { error: cause });
    expect(lines()).toMatchObject([
      { level: 'ERROR', error: { name: 'Error', cause: { name: 'SyntaxError' } } },
      { level: 'WARN', error: { name: 'SyntaxError' } },
    ]);
    expect(printed).toContain('logging.test.ts');
    expect(printed).not.toContain('Ada');
  });
});

describe('metrics', () => {
  it('publishes what was counted, once, with its unit', () => {
    metrics.count(METRICS.documentsRendered, 40);
    metrics.count(METRICS.documentsRendered, 2);
    metrics.count(METRICS.archiveBytes, 1_000);
    publishMetrics();
    publishMetrics();
    expect(lines()).toHaveLength(1);
    expect(lines()[0]).toMatchObject({
      _aws: {
        CloudWatchMetrics: [
          {
            Namespace: METRICS_NAMESPACE,
            Metrics: [
              { Name: METRICS.documentsRendered, Unit: 'Count' },
              { Name: METRICS.archiveBytes, Unit: 'Bytes' },
            ],
          },
        ],
      },
      service: 'sheaf',
      [METRICS.documentsRendered]: [40, 2],
      [METRICS.archiveBytes]: 1_000,
    });
  });
});
