/** What tests in a browser look at: the console of a local cloud of their own. */
import type { TestProject } from 'vitest/node';
import { ALLOW_LOOPBACK_TARGETS } from '../../shared/names.ts';
import { CHROMIUM } from './chromium.ts';
import { startTestCloud } from './localCloud.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** http:// address of the page, with / at its end. */
    consoleUrl: string;
  }
}

/** Run by vitest before the suite; what it returns runs after. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  if (CHROMIUM === undefined) return async () => undefined;
  // Webhooks go to receivers of the tests.
  const cloud = await startTestCloud({ [ALLOW_LOOPBACK_TARGETS]: 'true' });
  project.provide('consoleUrl', new URL('/', cloud.apiUrl).href);
  project.provide('apiUrl', cloud.apiUrl);
  project.provide('apiKey', cloud.apiKey);
  return () => cloud.remove();
}
