import { defineConfig } from 'vitest/config';

/** One project per test class; test/README.md says when to write which. */
const project = (name: string, options: Record<string, unknown> = {}) => ({
  test: { name, include: [`test/${name}/**/*.test.ts`], environment: 'node', ...options },
});

export default defineConfig({
  test: {
    projects: [
      // No unit test takes long by itself, but on a machine that is busy with others anything may.
      project('unit', { testTimeout: 60_000, hookTimeout: 60_000 }),
      project('contract', { testTimeout: 30_000, hookTimeout: 60_000 }),
      project('integration', { testTimeout: 60_000, hookTimeout: 60_000 }),
      // Without isolation the CDK is loaded once a worker, not once a file.
      project('infra', { isolate: false, testTimeout: 60_000, hookTimeout: 60_000 }),
      project('simulation', { fileParallelism: false }),
      project('e2e', {
        testTimeout: 120_000,
        hookTimeout: 120_000,
        globalSetup: ['test/support/e2eSetup.ts'],
        fileParallelism: false,
      }),
    ],
  },
});
