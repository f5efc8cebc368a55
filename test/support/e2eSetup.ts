/** Where the e2e suite runs: the stack that SHEAF_API_URL names, else a local cloud of its own. */
import type { TestProject } from 'vitest/node';
import { startTestCloud } from './localCloud.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** With the base path, such as http://localhost:3000/api/v2. */
    apiUrl: string;
    apiKey: string;
  }
}

/** Run by vitest before the suite; what it returns runs after. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { SHEAF_API_URL: apiUrl = '', SHEAF_API_KEY: apiKey = '' } = process.env;
  if (apiUrl !== '' && apiKey !== '') {
    project.provide('apiUrl', apiUrl);
    project.provide('apiKey', apiKey);
    return async () => undefined;
  }
  const cloud = await startTestCloud();
  project.provide('apiUrl', cloud.apiUrl);
  project.provide('apiKey', cloud.apiKey);
  return () => cloud.remove();
}
