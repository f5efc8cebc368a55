import { Duration, Stack, Validations } from 'aws-cdk-lib';
import { WebSocketApi, WebSocketStage } from 'aws-cdk-lib/aws-apigatewayv2';
import { WebSocketLambdaAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { WebSocketLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { ENV, STREAM_ACTIONS, STREAM_STAGE } from '../../shared/names.ts';
import type { FunctionCode } from '../functions/bundle.ts';
import type { Concurrency } from '../functions/concurrency.ts';
import { SheafFunction, SMALL_MIB } from '../functions/sheafFunction.ts';
import type { TaskTable } from '../storage/taskTable.ts';
import type { Webhooks } from '../webhooks/webhooks.ts';
import { explainWildcard, logicalId } from '../wildcards.ts';

export interface StreamApiProps {
  readonly code: FunctionCode;
  /** Where tickets, connections and subscriptions are. */
  readonly table: TaskTable;
  /** Where events are sent to webhooks: who subscribes may be the one that tells of an end. */
  readonly webhooks: Webhooks;
  readonly concurrency: Concurrency;
  /** Address that clients connect to, when a domain leads here. Default: API Gateway's own. */
  readonly websocketUrl?: string | undefined;
}

/** API Gateway waits at most 29 s for a WebSocket integration, and 10 s for an authorizer. */
const STREAM_TIMEOUT = Duration.seconds(29);
const AUTHORIZER_TIMEOUT = Duration.seconds(10);

/** Messages a second from all clients together: far below the 10,000 of an account and region. */
const THROTTLE = { rateLimit: 1000, burstLimit: 2000 };

/** Posting is all that functions do with connections: they neither list nor close them. */
const POST_TO_CONNECTIONS = 'POST/@connections/*';

/** The WebSocket API: clients watch their tasks, and functions push events to them. */
export class StreamApi extends Construct {
  /** wss:// address that clients connect to, without a ticket. */
  readonly websocketUrl: string;
  /** The same without its path. */
  readonly origin: string;
  private readonly api: WebSocketApi;
  private readonly stage: WebSocketStage;

  constructor(scope: Construct, id: string, props: StreamApiProps) {
    super(scope, id);
    const stream = this.streamFunction(props);
    this.api = this.routes(stream, this.ticketAuthorizer(props));
    this.stage = new WebSocketStage(this, 'Stage', {
      webSocketApi: this.api,
      stageName: STREAM_STAGE,
      autoDeploy: true,
      throttle: THROTTLE,
    });
    this.websocketUrl = props.websocketUrl ?? this.stage.url;
    this.origin =
      props.websocketUrl === undefined
        ? this.api.apiEndpoint
        : `wss://${new URL(props.websocketUrl).host}`;
    this.allowPush(stream);
    props.webhooks.workflow.allowStart(stream);
    this.acknowledgeFindings();
  }

  /** Tells a function the address that clients connect to. There is nothing to grant for it. */
  tellAddress(teller: SheafFunction): void {
    teller.addEnvironment(ENV.websocketUrl, this.websocketUrl);
  }

  /** Tells a function where to post messages to connections, and lets it. */
  allowPush(pusher: SheafFunction): void {
    pusher.addEnvironment(ENV.websocketManagementUrl, this.stage.callbackUrl);
    pusher.addToRolePolicy(
      new PolicyStatement({
        actions: ['execute-api:ManageConnections'],
        resources: [this.api.arnForExecuteApiV2(POST_TO_CONNECTIONS, STREAM_STAGE)],
      }),
    );
    explainWildcard(
      pusher.role,
      'arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:' +
        `<${logicalId(this.api)}>/${STREAM_STAGE}/${POST_TO_CONNECTIONS}`,
      'Connections get their ids when clients connect; posting is all that is granted.',
    );
  }

  private streamFunction({ code, table, concurrency }: StreamApiProps): SheafFunction {
    const stream = new SheafFunction(this, 'Stream', {
      handler: 'functions/stream/handler.ts',
      code,
      description: 'Connections and messages of the WebSocket API',
      memoryMiB: SMALL_MIB,
      timeout: STREAM_TIMEOUT,
      reserved: concurrency.reserved('stream'),
    });
    table.allow(stream, 'readWrite');
    return stream;
  }

  private ticketAuthorizer({
    code,
    table,
    concurrency,
  }: StreamApiProps): WebSocketLambdaAuthorizer {
    const authorizer = new SheafFunction(this, 'Authorizer', {
      handler: 'functions/streamAuthorizer/handler.ts',
      code,
      description: 'Redeems the ticket of a new connection',
      memoryMiB: SMALL_MIB,
      timeout: AUTHORIZER_TIMEOUT,
      reserved: concurrency.reserved('streamAuthorizer'),
    });
    // A ticket is good once: it is deleted when it is redeemed.
    table.allow(authorizer, 'readWrite');
    // Browsers cannot set a header on a WebSocket, so the ticket comes in the query.
    return new WebSocketLambdaAuthorizer('Ticket', authorizer, {
      identitySource: ['route.request.querystring.ticket'],
    });
  }

  private routes(stream: SheafFunction, authorizer: WebSocketLambdaAuthorizer): WebSocketApi {
    const integration = new WebSocketLambdaIntegration('Stream', stream);
    const api = new WebSocketApi(this, 'Api', {
      apiName: `${Stack.of(this).stackName}-stream`,
      description: 'Sheaf: live progress of tasks',
      routeSelectionExpression: '$request.body.action',
      connectRouteOptions: { integration, authorizer },
      disconnectRouteOptions: { integration },
      defaultRouteOptions: { integration },
    });
    for (const action of STREAM_ACTIONS) api.addRoute(action, { integration });
    return api;
  }

  private acknowledgeFindings(): void {
    Validations.of(this.api).acknowledge({
      id: 'AwsSolutions-APIG4',
      reason: 'API Gateway authorizes a WebSocket at $connect; messages inherit that owner.',
    });
    Validations.of(this.stage).acknowledge({
      id: 'AwsSolutions-APIG1',
      reason:
        'Access logs of a WebSocket API need a role in the settings of the whole account, which are ' +
        'not ours to change. The stream function logs every connection.',
    });
  }
}
