import { describe, expect, it } from 'vitest';
import {
  readEgressRules,
  readEnvironment,
  readServiceEgressRules,
} from '../../../functions/runtime/environment.ts';
import { ALLOW_LOOPBACK_TARGETS, ENV } from '../../../shared/names.ts';

const WHOLE = {
  [ENV.table]: 'table',
  [ENV.bucket]: 'bucket',
  [ENV.taskWorkflow]: 'arn:aws:states:eu-west-1:123456789012:stateMachine:task',
  [ENV.ingestWorkflow]: 'arn:aws:states:eu-west-1:123456789012:stateMachine:ingest',
  [ENV.scheduleWorkflow]: 'arn:aws:states:eu-west-1:123456789012:stateMachine:schedule',
  [ENV.deliveryWorkflow]: 'arn:aws:states:eu-west-1:123456789012:stateMachine:delivery',
  [ENV.trialWorkflow]: 'arn:aws:states:eu-west-1:123456789012:stateMachine:trial',
  [ENV.webhookSecret]: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:name-a1B2c3',
  [ENV.connectionSecrets]:
    'arn:aws:secretsmanager:eu-west-1:123456789012:secret:Sheaf/connections/',
  [ENV.serviceHosts]: '*',
  [ENV.taskConcurrency]: '5',
  [ENV.apiUrl]: 'https://x.execute-api.eu-west-1.amazonaws.com/api/v2',
  [ENV.websocketUrl]: 'wss://x.execute-api.eu-west-1.amazonaws.com/v2',
  [ENV.eventsUrl]: 'https://x.lambda-url.eu-west-1.on.aws/',
  [ENV.eventStreams]: '50',
  [ENV.websocketManagementUrl]: 'https://x.execute-api.eu-west-1.amazonaws.com/v2',
  [ENV.consoleBucket]: 'console',
  [ENV.consoleDistribution]: 'E1ABCDEFGHIJKL',
};

describe('readEnvironment', () => {
  it('gives the values by their names in ENV', () => {
    const names = Object.keys(ENV) as (keyof typeof ENV)[];
    const values = names.map((name) => WHOLE[ENV[name]]);
    expect(Object.values(readEnvironment(names, WHOLE))).toEqual(values);
  });

  it('asks only for what a function needs', () => {
    expect(readEnvironment(['table'], { [ENV.table]: 'table' })).toEqual({ table: 'table' });
  });

  it.each(Object.values(ENV))('stops with the name of a missing %s', (variable) => {
    const names = Object.keys(ENV) as (keyof typeof ENV)[];
    const variables: Record<string, string | undefined> = { ...WHOLE, [variable]: undefined };
    expect(() => readEnvironment(names, variables)).toThrow(`variable ${variable} is missing`);
  });

  it('stops with the name, not the value, of a malformed one', () => {
    const read = () => readEnvironment(['taskWorkflow'], { [ENV.taskWorkflow]: 'secret' });
    expect(read).toThrow(`variable ${ENV.taskWorkflow} is malformed`);
    expect(read).not.toThrow('secret');
  });
});

describe('readEgressRules', () => {
  it('opens the machine itself where the local cloud was told so, and never in Lambda', () => {
    const allowed = { [ALLOW_LOOPBACK_TARGETS]: '1' };
    expect(readEgressRules({})).toEqual({ allowLoopback: false });
    expect(readEgressRules(allowed)).toEqual({ allowLoopback: true });
    const lambda = { ...allowed, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x' };
    expect(readEgressRules(lambda)).toEqual({ allowLoopback: false });
  });
});

describe('readServiceEgressRules', () => {
  it('has the hosts that the operator lists', () => {
    const read = (hosts: string) => readServiceEgressRules({ [ENV.serviceHosts]: hosts });
    expect(read('*')).toEqual({ allowLoopback: false, hosts: undefined });
    expect(read('api.dify.ai, *.Example.com').hosts).toEqual(['api.dify.ai', '*.example.com']);
  });

  it('stops where they are missing or malformed, so that nothing is opened by mistake', () => {
    expect(() => readServiceEgressRules({})).toThrow('SERVICE_HOSTS is missing');
    for (const hosts of ['', ' ', ',', 'a,,b', 'https://a.example', 'a.example:80', '*,a', '*a']) {
      expect(() => readServiceEgressRules({ [ENV.serviceHosts]: hosts })).toThrow('SERVICE_HOSTS');
    }
  });
});
