import { defineConfig } from 'vitest/config';

/** One project per test class; test/README.md says when to write which. */
const project = (name: string, options: Record<string, unknown> = {}) => ({
  test: { name, include: [`test/${name}/**/*.test.ts`], environment: 'node', ...options },
});

export default defineConfig({
  test: {
    // A worker a core: many tests wait for processes, timers and disks, and leave the core to others.
    maxWorkers: '100%',
    globalSetup: ['test/support/temporarySetup.ts'],
    projects: [
      // No test of these takes long by itself, but on a machine that is busy with others anything may.
      project('unit', { testTimeout: 180_000, hookTimeout: 180_000 }),
      project('contract', { testTimeout: 120_000, hookTimeout: 120_000 }),
      project('integration', { testTimeout: 120_000, hookTimeout: 120_000 }),
      // Without isolation the CDK is loaded once a worker, not once a file.
      project('infra', { isolate: false, testTimeout: 120_000, hookTimeout: 120_000 }),
      project('simulation', { fileParallelism: false }),
      project('e2e', {
        testTimeout: 120_000,
        hookTimeout: 120_000,
        globalSetup: ['test/support/e2eSetup.ts'],
        fileParallelism: false,
      }),
      project('browser', {
        testTimeout: 120_000,
        hookTimeout: 120_000,
        globalSetup: ['test/support/browserSetup.ts'],
        fileParallelism: false,
      }),
    ],
  },
});
