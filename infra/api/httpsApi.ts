import { Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import {
  CorsHttpMethod,
  HttpApi,
  HttpMethod,
  type HttpRoute,
  HttpStage,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2';
import {
  HttpLambdaAuthorizer,
  HttpLambdaResponseType,
} from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { callbackPaths, linkTo, servicePaths } from '../../shared/api/paths.ts';
import { API_BASE_PATH } from '../../shared/names.ts';
import type { FunctionCode } from '../functions/bundle.ts';
import type { Concurrency } from '../functions/concurrency.ts';
import {
  LOG_RETENTION,
  ONE_CPU_MIB,
  SheafFunction,
  SMALL_MIB,
} from '../functions/sheafFunction.ts';
import type { ServiceConnections } from '../serviceConnections/serviceConnections.ts';
import type { TaskBucket } from '../storage/taskBucket.ts';
import type { TaskTable } from '../storage/taskTable.ts';
import type { EventStreams } from '../stream/eventStreams.ts';
import type { StreamApi } from '../stream/streamApi.ts';
import type { MasterSecret } from '../webhooks/masterSecret.ts';
import type { TaskWorkflow } from '../workflow/taskWorkflow.ts';
import type { Workflow } from '../workflow/workflow.ts';
import { ACCESS_LOG } from './accessLog.ts';

export interface HttpsApiProps {
  readonly code: FunctionCode;
  readonly table: TaskTable;
  readonly bucket: TaskBucket;
  /** Whose address is handed out with tickets, and whose subscribers are told of cancelled tasks. */
  readonly stream: StreamApi;
  /** Whose address is handed out, too. */
  readonly eventStreams: EventStreams;
  /** What the API starts. */
  readonly workflows: readonly Workflow[];
  /** Of these, what it also stops. */
  readonly stoppable: readonly Workflow[];
  /** Whose tasks may be given more or fewer workers. */
  readonly tasks: TaskWorkflow;
  /** What it tells the secrets of new webhooks from. */
  readonly webhookSecret: MasterSecret;
  /** What it makes and deletes. */
  readonly connections: ServiceConnections;
  readonly concurrency: Concurrency;
  /** Origins whose pages may call the API; keys come in a header, so * exposes no cookie. */
  readonly allowedOrigins: string[];
}

/** API Gateway gives up on a HTTP integration after 30 s, and on an authorizer after 10 s. */
const API_TIMEOUT = Duration.seconds(29);
const AUTHORIZER_TIMEOUT = Duration.seconds(10);

/**
 * How long an answer of the authorizer holds for a key. Cached by the Authorization header alone and
 * used for every route: safe, because the answer is the same on all of them. It is also how long a
 * key that was deleted still works, hence short.
 */
const AUTHORIZER_CACHE = Duration.seconds(60);

/** Requests a second over all callers: far below the 10,000 of an account and region. */
const THROTTLE = { rateLimit: 1000, burstLimit: 2000 };

/** Who asks by GET may ask by HEAD: monitors do (RFC 9110, section 9.1). */
const PUBLIC_METHODS = [HttpMethod.GET, HttpMethod.HEAD];

/**
 * Every method but OPTIONS. ANY would take OPTIONS too, and the authorizer would then refuse what a
 * browser asks beforehand (it sends no key); left unrouted, API Gateway answers it by itself.
 */
const METHODS = [
  HttpMethod.GET,
  HttpMethod.HEAD,
  HttpMethod.POST,
  HttpMethod.PUT,
  HttpMethod.PATCH,
  HttpMethod.DELETE,
];

function explainPublic(routes: readonly HttpRoute[], reason: string): void {
  for (const route of routes) {
    Validations.of(route).acknowledge({ id: 'AwsSolutions-APIG4', reason });
  }
}

/** The HTTPS API: one function behind all routes, an authorizer before all but the public ones. */
export class HttpsApi extends Construct {
  /** https:// address of the API, with the base path. */
  readonly url: string;
  readonly api: HttpApi;

  constructor(scope: Construct, id: string, props: HttpsApiProps) {
    super(scope, id);
    this.api = this.gateway(props.allowedOrigins);
    this.addRoutes(this.apiFunction(props), this.keyAuthorizer(props));
    this.addStage();
    this.url = `${this.api.apiEndpoint}${API_BASE_PATH}`;
  }

  private gateway(allowOrigins: string[]): HttpApi {
    return new HttpApi(this, 'Api', {
      apiName: `${Stack.of(this).stackName}-https`,
      description: 'Sheaf: templates, data sources and tasks',
      createDefaultStage: false,
      corsPreflight: {
        allowOrigins,
        allowMethods: [CorsHttpMethod.ANY],
        allowHeaders: ['authorization', 'content-type', 'accept', 'idempotency-key'],
        exposeHeaders: ['apigw-requestid', 'content-disposition', 'location', 'retry-after'],
        maxAge: Duration.hours(1),
      },
    });
  }

  private apiFunction(props: HttpsApiProps): SheafFunction {
    const api = new SheafFunction(this, 'Function', {
      handler: 'functions/api/handler.ts',
      code: props.code,
      description: 'All routes of the HTTPS API',
      // It checks templates, which takes computing power, and answers fast after a cold start.
      memoryMiB: ONE_CPU_MIB,
      timeout: API_TIMEOUT,
      reserved: props.concurrency.reserved('api'),
    });
    props.table.allow(api, 'readWrite');
    const all = ['templates', 'sources', 'tasks', 'trials'] as const;
    props.bucket.allow(api, { readWrite: all, remove: all });
    props.stream.tellAddress(api);
    props.eventStreams.tellAddress(api);
    // A task that is cancelled before it starts ends here, and its subscribers hear of it.
    props.stream.allowPush(api);
    for (const workflow of props.workflows) workflow.allowStart(api);
    for (const workflow of props.stoppable) workflow.allowStop(api);
    props.tasks.allowConcurrency(api);
    props.tasks.allowWake(api);
    props.webhookSecret.allowRead(api);
    props.connections.allowManage(api);
    return api;
  }

  private keyAuthorizer({ code, table, concurrency }: HttpsApiProps): HttpLambdaAuthorizer {
    const authorizer = new SheafFunction(this, 'Authorizer', {
      handler: 'functions/apiAuthorizer/handler.ts',
      code,
      description: 'Finds the owner of an API key',
      memoryMiB: SMALL_MIB,
      timeout: AUTHORIZER_TIMEOUT,
      reserved: concurrency.reserved('apiAuthorizer'),
    });
    table.allow(authorizer);
    return new HttpLambdaAuthorizer('ApiKey', authorizer, {
      responseTypes: [HttpLambdaResponseType.SIMPLE],
      identitySource: ['$request.header.Authorization'],
      resultsCacheTtl: AUTHORIZER_CACHE,
    });
  }

  private addRoutes(api: SheafFunction, authorizer: HttpLambdaAuthorizer): void {
    const integration = new HttpLambdaIntegration('Api', api, { scopePermissionToRoute: false });
    this.api.addRoutes({
      path: `${API_BASE_PATH}/{proxy+}`,
      methods: METHODS,
      integration,
      authorizer,
    });
    for (const path of Object.values(servicePaths)) {
      const routes = this.api.addRoutes({
        path: linkTo(path),
        methods: PUBLIC_METHODS,
        integration,
      });
      explainPublic(
        routes,
        'Health and API description are public: they tell nothing of any owner.',
      );
    }
    const callbacks = this.api.addRoutes({
      path: `${API_BASE_PATH}${callbackPaths.callback}`,
      methods: [HttpMethod.POST],
      integration,
    });
    explainPublic(
      callbacks,
      'What services call back is a key in itself, which nobody can make up.',
    );
  }

  private addStage(): void {
    const logGroup = new LogGroup(this, 'AccessLogs', {
      // API Gateway's log delivery fits only so many names in its policy, except of this prefix.
      logGroupName: `/aws/vendedlogs/${Stack.of(this).stackName}/https-api`,
      retention: LOG_RETENTION,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    new HttpStage(this, 'Stage', {
      httpApi: this.api,
      stageName: '$default',
      autoDeploy: true,
      throttle: THROTTLE,
      detailedMetricsEnabled: true,
      accessLogSettings: { destination: new LogGroupLogDestination(logGroup), format: ACCESS_LOG },
    });
  }
}
