/** Server-sent events: what happens to tasks, as a stream that a browser's EventSource reads. */
import { openEvents } from '../../shared/eventStream/openEvents.ts';
import { eventStream } from '../runtime/eventStream.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { openTable } from '../runtime/ports/table.ts';
import { ownPorts } from '../runtime/ports.ts';

const ports = { ...ownPorts(), table: openTable() };
const streams = Number(readEnvironment(['eventStreams']).eventStreams);

export const handler = eventStream(ports, ({ remainingMs, ...request }) =>
  openEvents(ports, request, { streams, remainingMs }),
);
