import { App } from 'aws-cdk-lib';
import { describe, expect, it } from 'vitest';
import cdkJson from '../../cdk.json' with { type: 'json' };
import { readSettings } from '../../infra/settings.ts';

/** As the command line hands over `-c sheaf:name=value`: on top of cdk.json, as text. */
const settings = (given: Record<string, string> = {}) =>
  readSettings(new App({ context: cdkJson.context, postCliContext: given }).node);

describe('settings', () => {
  it('keep data and allow every origin, unless the operator says otherwise', () => {
    expect(settings()).toEqual({
      stackName: 'Sheaf',
      retainData: true,
      deletionProtection: false,
      lambdaConcurrency: 10,
      eventStreams: 50,
      allowedOrigins: ['*'],
      console: true,
      serviceHosts: '*',
    });
  });

  it('are read from the command line', () => {
    expect(
      settings({
        'sheaf:stackName': 'Sheaf-Staging',
        'sheaf:retainData': 'false',
        'sheaf:deletionProtection': 'true',
        'sheaf:lambdaConcurrency': '1000',
        'sheaf:eventStreams': '100',
        'sheaf:allowedOrigins': 'https://a.example, https://b.example',
        'sheaf:console': 'false',
        'sheaf:serviceHosts': 'api.dify.ai, *.letters.example',
        'sheaf:websocketUrl': 'wss://stream.letters.example',
        'sheaf:alarmTopicArn': 'arn:aws:sns:eu-central-1:111122223333:alarms',
      }),
    ).toEqual({
      stackName: 'Sheaf-Staging',
      retainData: false,
      deletionProtection: true,
      lambdaConcurrency: 1000,
      eventStreams: 100,
      allowedOrigins: ['https://a.example', 'https://b.example'],
      console: false,
      serviceHosts: 'api.dify.ai, *.letters.example',
      websocketUrl: 'wss://stream.letters.example',
      alarmTopicArn: 'arn:aws:sns:eu-central-1:111122223333:alarms',
    });
  });

  it.each([
    ['stackName', 'no spaces'],
    ['retainData', 'perhaps'],
    ['deletionProtection', 'perhaps'],
    ['lambdaConcurrency', 'many'],
    ['eventStreams', '0'],
    ['allowedOrigins', 'letters.example'],
    ['console', 'perhaps'],
    ['serviceHosts', ''],
    ['serviceHosts', 'https://letters.example/'],
    ['websocketUrl', 'http://letters.example'],
    ['alarmTopicArn', 'alarms'],
    ['laterAlarmTopicArn', 'alarms'],
  ])('are refused by name: %s', (name, value) => {
    expect(() => settings({ [`sheaf:${name}`]: value })).toThrow(name);
  });
});
