import { describe, expect, it } from 'vitest';
import { createMeters } from '../../../../local/billing/meter.ts';

const KB = 1024;

function metersAt(time: { now: number }) {
  return createMeters(() => time.now);
}

describe('the meters', () => {
  it('begin at nought', () => {
    const { webSocketApi, httpApi, stepFunctions, s3, logs } = metersAt({ now: 5 }).read();
    expect({ webSocketApi, httpApi, stepFunctions, s3, logs }).toEqual({
      webSocketApi: { messages: 0, units: 0, sentBytes: 0, connections: 0, connectionMs: 0 },
      httpApi: { requests: 0, units: 0, sentBytes: 0 },
      stepFunctions: {
        executions: 0,
        transitions: 0,
        mapChildren: 0,
        expressRequests: 0,
        expressMs: 0,
      },
      s3: { requests: {}, sentBytes: 0, sentByLinkBytes: 0 },
      logs: { bytes: 0 },
    });
  });

  it('count S3 by operation, and tell links from functions', () => {
    const { objects, read } = metersAt({ now: 0 });
    objects.request('GetObject', 10, false);
    objects.request('GetObject', 7, true);
    objects.request('PutObject', 0, false);
    expect(read().s3).toEqual({
      requests: { GetObject: 2, PutObject: 1 },
      sentBytes: 10,
      sentByLinkBytes: 7,
    });
  });

  it('add the capacity of the table by operation', () => {
    const { table, read } = metersAt({ now: 0 });
    table.call('GetItem', 0.5, 0);
    table.call('GetItem', 1, 0);
    table.call('UpdateItem', 0, 3);
    expect(read().dynamoDb).toEqual({
      GetItem: { calls: 2, readUnits: 1.5, writeUnits: 0 },
      UpdateItem: { calls: 1, readUnits: 0, writeUnits: 3 },
    });
  });

  it('count starts, states and children as transitions, and Express in steps of 100 ms', () => {
    const { workflow, read } = metersAt({ now: 0 });
    workflow.execution();
    workflow.transition();
    workflow.transition();
    workflow.mapChild();
    workflow.expressEnd(0);
    workflow.expressEnd(100);
    workflow.expressEnd(101);
    expect(read().stepFunctions).toEqual({
      executions: 1,
      transitions: 4,
      mapChildren: 1,
      expressRequests: 3,
      expressMs: 400,
    });
  });

  it('bill each invocation in whole milliseconds, and cold starts apart', () => {
    const { functions, read } = metersAt({ now: 0 });
    functions.coldStart('Render', 1769, { durationMs: 180.2, cpuMs: 90.5 });
    functions.invocation('Render', 1769, { durationMs: 10.1, cpuMs: 8.5 });
    functions.invocation('Render', 1769, { durationMs: 20, cpuMs: 1.5 });
    expect(read().lambda).toEqual({
      Render: {
        memoryMegabytes: 1769,
        invocations: 2,
        billedMs: 31,
        cpuMs: 10,
        coldStarts: 1,
        initMs: 181,
        initCpuMs: 90.5,
      },
    });
  });

  it('meter HTTP by the larger body in units of 512 KB', () => {
    const { http, read } = metersAt({ now: 0 });
    http.request(0, 20);
    http.request(512 * KB, 0);
    http.request(512 * KB + 1, 5);
    expect(read().httpApi).toEqual({ requests: 3, units: 4, sentBytes: 25 });
  });

  it('meter messages both ways in units of 32 KB, and the time of connections', () => {
    const time = { now: 1_000 };
    const { socket, read } = metersAt(time);
    socket.connected();
    time.now = 3_000;
    socket.connected();
    socket.received(40);
    socket.sent(32 * KB + 1);
    expect(read().webSocketApi).toMatchObject({ messages: 2, units: 3, sentBytes: 32 * KB + 1 });
    expect(read().webSocketApi).toMatchObject({ connections: 2, connectionMs: 2_000 });
    socket.disconnected();
    time.now = 10_000;
    expect(read().webSocketApi.connectionMs).toBe(2_000 + 7_000);
    socket.disconnected();
    time.now = 99_000;
    expect(read().webSocketApi.connectionMs).toBe(2_000 + 7_000);
  });

  it('count what is logged in bytes, with 26 more for each line', () => {
    const { logs, read } = metersAt({ now: 0 });
    logs.printed('é\nb\n');
    logs.printed('');
    expect(read().logs.bytes).toBe(5 + 2 * 26);
  });
});
