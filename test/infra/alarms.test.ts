import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { METRICS, METRICS_NAMESPACE } from '../../shared/names.ts';
import { synthesize } from './support.ts';

const alarms = Object.keys(synthesize().findResources('AWS::CloudWatch::Alarm'));

describe('alarms', () => {
  it('watch a metric that the functions publish', () => {
    synthesize().hasResourceProperties('AWS::CloudWatch::Alarm', {
      Namespace: METRICS_NAMESPACE,
      MetricName: METRICS.shardsFailed,
      Dimensions: [{ Name: 'service', Value: 'sheaf' }],
      Threshold: 1,
    });
  });

  it('are sent to the topic of the operator, if there is one', () => {
    const ActionsSchema = z.object({ AlarmActions: z.array(z.string()).optional() });
    const actions = (topic?: string) =>
      Object.values(
        synthesize({ alarmTopicArn: topic }).findResources('AWS::CloudWatch::Alarm'),
      ).map(({ Properties }) => ActionsSchema.parse(Properties).AlarmActions);
    const topic = 'arn:aws:sns:eu-central-1:111122223333:alarms';
    expect(new Set(actions())).toEqual(new Set([undefined]));
    expect(actions(topic)).toEqual(alarms.map(() => [topic]));
  });
});
