import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { contract } from '../../shared/api/contract.ts';
import { CLOCK_SKEW_MS, IDEMPOTENCY_LEASE_MS } from '../../shared/limits.ts';
import { API_BASE_PATH } from '../../shared/names.ts';
import { functionsOf, onlyId, spell, synthesize } from './support.ts';

const template = synthesize();
const apiId = onlyId(template, 'AWS::ApiGatewayV2::Api', 'Https');

const RouteSchema = z.object({
  ApiId: z.object({ Ref: z.string() }),
  RouteKey: z.string(),
  AuthorizationType: z.string(),
  AuthorizerId: z.object({ Ref: z.string() }).optional(),
  Target: z.unknown(),
});
const routes = Object.values(template.findResources('AWS::ApiGatewayV2::Route'))
  .map(({ Properties }) => RouteSchema.parse(Properties))
  .filter(({ ApiId }) => ApiId.Ref === apiId);

describe('routes', () => {
  it('are public for health, description and callbacks, and need a key for everything else', () => {
    const keyed = (method: string) => [`${method} /api/v2/{proxy+}`, 'CUSTOM'];
    expect(Object.fromEntries(routes.map((r) => [r.RouteKey, r.AuthorizationType]))).toEqual(
      Object.fromEntries([
        ...['GET', 'HEAD'].flatMap((method) => [
          [`${method} /api/v2/health`, 'NONE'],
          [`${method} /api/v2/openapi.json`, 'NONE'],
        ]),
        ['POST /api/v2/callbacks/{callback}', 'NONE'],
        ...['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'].map(keyed),
      ]),
    );
  });

  it('are public exactly where the contract says so', () => {
    const open = Object.values(contract).filter((route) => 'public' in route);
    const paths = routes.filter((r) => r.AuthorizationType === 'NONE').map((r) => r.RouteKey);
    const expected = open.flatMap(({ method, path }) =>
      (method === 'GET' ? ['GET', 'HEAD'] : [method]).map(
        (each) => `${each} ${API_BASE_PATH}${path}`,
      ),
    );
    expect(paths.sort()).toEqual(expected.sort());
  });

  it('leave OPTIONS to the gateway, which answers preflights without a key', () => {
    expect(routes.filter(({ RouteKey }) => /^(ANY|OPTIONS) |\$default/.test(RouteKey))).toEqual([]);
  });

  it('are carried out in less than a claim of an idempotency key holds, whatever clocks say', () => {
    const { timeoutSeconds = Infinity } = functionsOf(template).get('api') ?? {};
    expect(IDEMPOTENCY_LEASE_MS).toBeGreaterThan(timeoutSeconds * 1000 + 2 * CLOCK_SKEW_MS);
  });

  it('all lead to the one function', () => {
    const targets = new Set(routes.map(({ Target }) => spell(Target)));
    expect(targets.size).toBe(1);
    template.hasResourceProperties('AWS::ApiGatewayV2::Integration', {
      ApiId: { Ref: apiId },
      IntegrationType: 'AWS_PROXY',
      PayloadFormatVersion: '2.0',
      IntegrationUri: { 'Fn::GetAtt': [functionsOf(template).get('api')?.logicalId, 'Arn'] },
    });
  });
});

describe('the authorizer', () => {
  it('answers yes or no for a key, whatever the route, so that the answer can be cached', () => {
    template.hasResourceProperties('AWS::ApiGatewayV2::Authorizer', {
      ApiId: { Ref: apiId },
      AuthorizerType: 'REQUEST',
      AuthorizerPayloadFormatVersion: '2.0',
      EnableSimpleResponses: true,
      IdentitySource: ['$request.header.Authorization'],
      AuthorizerResultTtlInSeconds: 60,
    });
  });
});

describe('the stage', () => {
  it('is the default one, throttled, with access logs of neither headers nor queries', () => {
    const logged = ['requestId', 'status', 'path', 'authorizerError', 'integrationError'];
    template.hasResourceProperties('AWS::ApiGatewayV2::Stage', {
      ApiId: { Ref: apiId },
      StageName: '$default',
      AutoDeploy: true,
      DefaultRouteSettings: {
        ThrottlingRateLimit: 1000,
        ThrottlingBurstLimit: 2000,
        DetailedMetricsEnabled: true,
      },
      AccessLogSettings: {
        DestinationArn: Match.anyValue(),
        Format: Match.serializedJson(
          Match.objectLike(Object.fromEntries(logged.map((name) => [name, Match.anyValue()]))),
        ),
      },
    });
    const [stage] = Object.values(
      template.findResources('AWS::ApiGatewayV2::Stage', { Properties: { StageName: '$default' } }),
    );
    expect(JSON.stringify(stage)).not.toMatch(/header|query/i);
  });
});

describe('CORS', () => {
  it('allows the origins of the operator, with a key but without cookies', () => {
    synthesize({ allowedOrigins: ['https://letters.example'] }).hasResourceProperties(
      'AWS::ApiGatewayV2::Api',
      {
        ProtocolType: 'HTTP',
        CorsConfiguration: {
          AllowOrigins: ['https://letters.example'],
          AllowMethods: ['*'],
          AllowHeaders: ['authorization', 'content-type', 'accept', 'idempotency-key'],
          AllowCredentials: Match.absent(),
          MaxAge: 3600,
        },
      },
    );
  });
});
