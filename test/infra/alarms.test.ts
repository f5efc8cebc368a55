import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { METRICS, METRICS_NAMESPACE } from '../../shared/names.ts';
import { synthesize } from './support.ts';

const alarms = Object.keys(synthesize().findResources('AWS::CloudWatch::Alarm'));

const AlarmSchema = z.object({
  AlarmDescription: z.string(),
  AlarmActions: z.array(z.string()).optional(),
});
const alarmsOf = (settings: Parameters<typeof synthesize>[0]) =>
  Object.values(synthesize(settings).findResources('AWS::CloudWatch::Alarm')).map(
    ({ Properties }) => AlarmSchema.parse(Properties),
  );

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
    const actions = (topic?: string) =>
      alarmsOf({ alarmTopicArn: topic }).map(({ AlarmActions }) => AlarmActions);
    const topic = 'arn:aws:sns:eu-central-1:111122223333:alarms';
    expect(new Set(actions())).toEqual(new Set([undefined]));
    expect(actions(topic)).toEqual(alarms.map(() => [topic]));
  });

  it('that can wait are sent to a topic of their own, if there is one', () => {
    const [now, later] = ['now', 'later'].map((name) => `arn:aws:sns:eu-central-1:1:${name}`);
    const sent = alarmsOf({ alarmTopicArn: now, laterAlarmTopicArn: later });
    const severities = sent.map(({ AlarmDescription }) => AlarmDescription.split(' ')[0]);
    expect(new Set(severities)).toEqual(new Set(['[now]', '[later]']));
    expect(sent.map(({ AlarmActions }) => AlarmActions)).toEqual(
      severities.map((severity) => [severity === '[now]' ? now : later]),
    );
  });
});
