/**
 * All listeners, in the order in which they are told. The log is the first: nothing is told to anybody
 * that is not written. Webhooks come last: they take their time.
 */
import { sockets } from '../stream/sockets.ts';
import { webhooks } from '../webhooks/listener.ts';
import { eventLog } from './eventLog.ts';
import type { Listener } from './listener.ts';
import { passingEvents } from './passing.ts';

export const LISTENERS: readonly Listener[] = [eventLog, passingEvents, sockets, webhooks];
