/** Metrics as log lines in CloudWatch's Embedded Metric Format, by Powertools for AWS Lambda. */
import { Metrics as Powertools, MetricUnit } from '@aws-lambda-powertools/metrics';
import { METRICS, METRICS_NAMESPACE } from '../../shared/names.ts';
import type { Metrics } from '../../shared/ports.ts';
import { SERVICE } from './service.ts';

const collected = new Powertools({ namespace: METRICS_NAMESPACE, serviceName: SERVICE });

export const metrics: Metrics = {
  count(name, value) {
    const unit = name === METRICS.archiveBytes ? MetricUnit.Bytes : MetricUnit.Count;
    collected.addMetric(name, unit, value);
  },
};

/** Writes what was counted since the last call; nothing when nothing was. */
export function publishMetrics(): void {
  if (collected.hasStoredMetrics()) collected.publishStoredMetrics();
}
