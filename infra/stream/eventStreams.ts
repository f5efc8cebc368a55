import { Duration } from 'aws-cdk-lib';
import { FunctionUrlAuthType, HttpMethod, InvokeMode } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { EVENT_STREAM_TIMEOUT_SECONDS } from '../../shared/limits.ts';
import { ENV } from '../../shared/names.ts';
import type { FunctionCode } from '../functions/bundle.ts';
import type { Concurrency } from '../functions/concurrency.ts';
import { SheafFunction, WAITING_MIB } from '../functions/sheafFunction.ts';
import type { TaskTable } from '../storage/taskTable.ts';

export interface EventStreamsProps {
  readonly code: FunctionCode;
  /** Where tickets, tasks and their events are. */
  readonly table: TaskTable;
  readonly concurrency: Concurrency;
  /** Origins whose pages may read a stream; its ticket is in the address, so * exposes no cookie. */
  readonly allowedOrigins: string[];
}

/**
 * Server-sent events: a function behind an address of its own, as API Gateway's HTTP APIs do not pass on
 * an answer while it is made. Each stream that is open holds one execution.
 */
export class EventStreams extends Construct {
  /** https:// address of the streams, without a ticket. */
  readonly url: string;

  constructor(scope: Construct, id: string, props: EventStreamsProps) {
    super(scope, id);
    const { code, table, concurrency } = props;
    const streams = new SheafFunction(this, 'Function', {
      handler: 'functions/eventStream/handler.ts',
      code,
      description: 'Streams of server-sent events',
      memoryMiB: WAITING_MIB,
      timeout: Duration.seconds(EVENT_STREAM_TIMEOUT_SECONDS),
      reserved: concurrency.reserved('eventStream'),
    });
    streams.addEnvironment(ENV.eventStreams, String(concurrency.streams));
    // It reads tasks, and enters each stream into the one item that counts them.
    table.allow(streams, 'update');
    this.url = streams.addFunctionUrl({
      // The ticket in the address says who it is: a browser's EventSource can send nothing else.
      authType: FunctionUrlAuthType.NONE,
      invokeMode: InvokeMode.RESPONSE_STREAM,
      cors: {
        allowedOrigins: props.allowedOrigins,
        allowedMethods: [HttpMethod.GET],
        allowedHeaders: ['last-event-id', 'cache-control'],
        exposedHeaders: ['retry-after'],
        maxAge: Duration.hours(1),
      },
    }).url;
  }

  /** Tells a function the address of the streams. There is nothing to grant for it. */
  tellAddress(teller: SheafFunction): void {
    teller.addEnvironment(ENV.eventsUrl, this.url);
  }
}
