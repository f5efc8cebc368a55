/** The template's API Gateway v2 APIs, as the gateways serve them. */
import { z } from 'zod';
import type { Resource } from './resolve.ts';

const AuthorizerSchema = z.object({
  AuthorizerUri: z.string(),
  EnableSimpleResponses: z.boolean().default(false),
  // CloudFormation has no documented default; without a cache nothing stale can be answered.
  AuthorizerResultTtlInSeconds: z.number().default(0),
  IdentitySource: z.array(z.string()).default([]),
});

const IntegrationSchema = z.object({
  IntegrationType: z.literal('AWS_PROXY'),
  IntegrationUri: z.string(),
  /** HTTP APIs: only events of version 2.0 are made here. */
  PayloadFormatVersion: z.literal('2.0').optional(),
  TimeoutInMillis: z.number().optional(),
});

const RouteSchema = z.object({
  RouteKey: z.string(),
  Target: z.string(),
  AuthorizationType: z.enum(['NONE', 'CUSTOM']).default('NONE'),
  AuthorizerId: z.string().optional(),
});

const ThrottleSchema = z.object({
  ThrottlingRateLimit: z.number().optional(),
  ThrottlingBurstLimit: z.number().optional(),
});

const StageSchema = z.object({
  StageName: z.string(),
  DefaultRouteSettings: ThrottleSchema.optional(),
  RouteSettings: z.record(z.string(), ThrottleSchema).default({}),
});

export const CorsSchema = z.object({
  AllowOrigins: z.array(z.string()).default([]),
  AllowMethods: z.array(z.string()).default([]),
  AllowHeaders: z.array(z.string()).default([]),
  ExposeHeaders: z.array(z.string()).default([]),
  MaxAge: z.number().optional(),
  AllowCredentials: z.boolean().default(false),
});
/** CORS of an HTTP API: the gateway answers preflights and sets the headers itself. */
export type CorsConfiguration = z.infer<typeof CorsSchema>;

const ApiSchema = z.object({
  ProtocolType: z.enum(['HTTP', 'WEBSOCKET']),
  CorsConfiguration: CorsSchema.optional(),
  RouteSelectionExpression: z.string().optional(),
});

export interface Authorizer {
  readonly id: string;
  readonly functionArn: string;
  /** `{isAuthorized, context}` instead of an IAM policy (HTTP APIs only). */
  readonly simpleResponses: boolean;
  readonly cacheSeconds: number;
  readonly identitySources: readonly string[];
}

/** Requests a second, and how many may come at once. */
export interface Throttle {
  readonly ratePerSecond: number;
  readonly burst: number;
}

export interface Route {
  /** `GET /path/{variable}`, or a WebSocket route such as `$connect`. */
  readonly key: string;
  readonly functionArn: string;
  readonly timeoutMs: number;
  readonly authorizer: Authorizer | undefined;
  readonly throttle: Throttle | undefined;
}

export interface GatewayApi {
  readonly id: string;
  readonly protocol: 'HTTP' | 'WEBSOCKET';
  readonly stage: string;
  readonly routes: readonly Route[];
  readonly cors: CorsConfiguration | undefined;
  /** WebSocket: where the route's key is in a message, such as `$request.body.action`. */
  readonly routeSelection: string;
}

/** API Gateway's hard limits on how long an integration may take. */
const MAX_TIMEOUT_MS = { HTTP: 30_000, WEBSOCKET: 29_000 } as const;

/** Function ARN of an integration: bare, or inside an API Gateway invocation URI. */
const functionArnOf = (uri: string) => /functions\/(arn:[^/]+)\/invocations$/.exec(uri)?.[1] ?? uri;

/** Reads the API whose AWS::ApiGatewayV2::Api is `api`, with what the other resources add to it. */
export function gatewayApi(api: Resource, resources: readonly Resource[]): GatewayApi {
  const { ProtocolType: protocol, ...properties } = ApiSchema.parse(api.properties);
  const ofType = (type: string) =>
    resources.filter((r) => r.type === type && r.properties.ApiId === api.ref);

  const stages = ofType('AWS::ApiGatewayV2::Stage');
  if (stages.length !== 1) {
    throw new Error(`${api.logicalId} has ${stages.length} stages; the local cloud serves one.`);
  }
  const stage = StageSchema.parse(stages[0]?.properties);

  const authorizers = new Map(
    ofType('AWS::ApiGatewayV2::Authorizer').map((resource) => {
      const authorizer = AuthorizerSchema.parse(resource.properties);
      return [
        resource.ref,
        {
          id: resource.ref,
          functionArn: functionArnOf(authorizer.AuthorizerUri),
          simpleResponses: authorizer.EnableSimpleResponses,
          cacheSeconds: authorizer.AuthorizerResultTtlInSeconds,
          identitySources: authorizer.IdentitySource,
        },
      ];
    }),
  );
  const integrations = new Map(
    ofType('AWS::ApiGatewayV2::Integration').map((resource) => [
      `integrations/${resource.ref}`,
      IntegrationSchema.parse(resource.properties),
    ]),
  );

  const routes = ofType('AWS::ApiGatewayV2::Route').map((resource): Route => {
    const route = RouteSchema.parse(resource.properties);
    const integration = integrations.get(route.Target);
    if (!integration) throw new Error(`The route ${route.RouteKey} has no integration.`);
    const authorizer =
      route.AuthorizationType === 'CUSTOM' ? authorizers.get(route.AuthorizerId ?? '') : undefined;
    if (route.AuthorizationType === 'CUSTOM' && !authorizer) {
      throw new Error(`The route ${route.RouteKey} names an authorizer that does not exist.`);
    }
    return {
      key: route.RouteKey,
      functionArn: functionArnOf(integration.IntegrationUri),
      timeoutMs: Math.min(integration.TimeoutInMillis ?? Infinity, MAX_TIMEOUT_MS[protocol]),
      authorizer,
      throttle: throttleOf(stage.RouteSettings[route.RouteKey] ?? stage.DefaultRouteSettings),
    };
  });

  return {
    id: api.ref,
    protocol,
    stage: stage.StageName,
    routes,
    cors: properties.CorsConfiguration,
    routeSelection: properties.RouteSelectionExpression ?? '',
  };
}

function throttleOf(settings: z.infer<typeof ThrottleSchema> | undefined): Throttle | undefined {
  if (settings?.ThrottlingRateLimit === undefined) return undefined;
  const ratePerSecond = settings.ThrottlingRateLimit;
  return { ratePerSecond, burst: settings.ThrottlingBurstLimit ?? Math.max(1, ratePerSecond) };
}
