/** Servers of others. */
import type { Web } from '../../../shared/ports.ts';
import { createGuardedWeb } from '../../adapters/guardedWeb.ts';
import { readEgressRules } from '../environment.ts';

export const openWeb = (): Web => createGuardedWeb(readEgressRules());
