/** Servers of others. */
import type { Web } from '../../../shared/ports.ts';
import { createGuardedWeb } from '../../adapters/guardedWeb.ts';
import { readEgressRules, readServiceEgressRules } from '../environment.ts';

export const openWeb = (): Web => createGuardedWeb(readEgressRules());

/** Those that row steps call. */
export const openServiceWeb = (): Web => createGuardedWeb(readServiceEgressRules());
