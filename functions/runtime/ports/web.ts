/** Servers of others. */
import { ROWS_UNDER_WAY } from '../../../shared/limits.ts';
import type { Web } from '../../../shared/ports.ts';
import { createGuardedWeb } from '../../adapters/guardedWeb.ts';
import { readEgressRules, readServiceEgressRules } from '../environment.ts';

export const openWeb = (): Web => createGuardedWeb(readEgressRules());

/** Rows of a shard ask one host, as many of them at a time as its limit lets through. */
const KEPT_SOCKETS = { perHost: ROWS_UNDER_WAY, idleMs: 4_000 };

/** Those that row steps call. */
export const openServiceWeb = (): Web =>
  createGuardedWeb(readServiceEgressRules(), { keep: KEPT_SOCKETS });
