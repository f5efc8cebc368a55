import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { STREAM_ACTIONS, STREAM_STAGE } from '../../shared/names.ts';
import { functionsOf, onlyId, spell, synthesize } from './support.ts';

const template = synthesize();
const apiId = onlyId(template, 'AWS::ApiGatewayV2::Api', 'Stream');

const RouteSchema = z.object({
  ApiId: z.object({ Ref: z.string() }),
  RouteKey: z.string(),
  AuthorizationType: z.string(),
  Target: z.unknown(),
});
const routes = Object.values(template.findResources('AWS::ApiGatewayV2::Route'))
  .map(({ Properties }) => RouteSchema.parse(Properties))
  .filter(({ ApiId }) => ApiId.Ref === apiId);

describe('the WebSocket API', () => {
  it('routes by the action of a message', () => {
    template.hasResourceProperties('AWS::ApiGatewayV2::Api', {
      ProtocolType: 'WEBSOCKET',
      RouteSelectionExpression: '$request.body.action',
    });
    expect(routes.map(({ RouteKey }) => RouteKey).sort()).toEqual(
      ['$connect', '$disconnect', '$default', ...STREAM_ACTIONS].sort(),
    );
  });

  it('asks for a ticket in the query of a new connection, and never again', () => {
    const authorized = routes.filter(({ AuthorizationType }) => AuthorizationType !== 'NONE');
    expect(authorized.map(({ RouteKey }) => RouteKey)).toEqual(['$connect']);
    template.hasResourceProperties('AWS::ApiGatewayV2::Authorizer', {
      ApiId: { Ref: apiId },
      AuthorizerType: 'REQUEST',
      IdentitySource: ['route.request.querystring.ticket'],
      // HTTP APIs alone know them.
      AuthorizerResultTtlInSeconds: Match.absent(),
      EnableSimpleResponses: Match.absent(),
    });
  });

  it('leads every route to the one function, which API Gateway may call', () => {
    const stream = functionsOf(template).get('stream')?.logicalId ?? '';
    expect(new Set(routes.map(({ Target }) => spell(Target))).size).toBe(1);
    for (const { RouteKey } of routes) {
      template.hasResourceProperties('AWS::Lambda::Permission', {
        Action: 'lambda:InvokeFunction',
        Principal: 'apigateway.amazonaws.com',
        FunctionName: { 'Fn::GetAtt': [stream, 'Arn'] },
        SourceArn: {
          'Fn::Join': [
            '',
            Match.arrayWith([{ Ref: apiId }, Match.stringLikeRegexp(tail(RouteKey))]),
          ],
        },
      });
    }
  });

  it('has the stage of shared/names.ts, throttled', () => {
    template.hasResourceProperties('AWS::ApiGatewayV2::Stage', {
      ApiId: { Ref: apiId },
      StageName: STREAM_STAGE,
      AutoDeploy: true,
      DefaultRouteSettings: { ThrottlingRateLimit: 1000, ThrottlingBurstLimit: 2000 },
    });
  });
});

const tail = (routeKey: string) => `/\\*${routeKey.replace('$', '\\$')}$`;
