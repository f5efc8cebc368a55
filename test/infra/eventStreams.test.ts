import { describe, expect, it } from 'vitest';
import { EVENT_STREAM_MAX_MS, EVENT_STREAM_TIMEOUT_SECONDS } from '../../shared/limits.ts';
import { functionsOf, synthesize } from './support.ts';

const template = synthesize({ allowedOrigins: ['https://letters.example'] });
const streams = functionsOf(template).get('eventStream');

describe('the address of server-sent events', () => {
  it('is a function URL that streams, and asks for no signature', () => {
    template.resourceCountIs('AWS::Lambda::Url', 1);
    template.hasResourceProperties('AWS::Lambda::Url', {
      AuthType: 'NONE',
      InvokeMode: 'RESPONSE_STREAM',
      TargetFunctionArn: { 'Fn::GetAtt': [streams?.logicalId, 'Arn'] },
    });
  });

  it('may be called by anybody, through the URL alone', () => {
    const FunctionName = { 'Fn::GetAtt': [streams?.logicalId, 'Arn'] };
    template.hasResourceProperties('AWS::Lambda::Permission', {
      Action: 'lambda:InvokeFunctionUrl',
      Principal: '*',
      FunctionUrlAuthType: 'NONE',
      FunctionName,
    });
    template.hasResourceProperties('AWS::Lambda::Permission', {
      Action: 'lambda:InvokeFunction',
      Principal: '*',
      InvokedViaFunctionUrl: true,
      FunctionName,
    });
  });

  it('lets pages of the operator’s origins read it', () => {
    template.hasResourceProperties('AWS::Lambda::Url', {
      Cors: {
        AllowOrigins: ['https://letters.example'],
        AllowMethods: ['GET'],
        AllowHeaders: ['last-event-id', 'cache-control'],
      },
    });
  });

  it('has time for the longest stream, and for a client that reads slowly', () => {
    expect(streams?.timeoutSeconds).toBe(EVENT_STREAM_TIMEOUT_SECONDS);
    expect(EVENT_STREAM_TIMEOUT_SECONDS * 1000).toBeGreaterThanOrEqual(
      EVENT_STREAM_MAX_MS + 10_000,
    );
  });
});
