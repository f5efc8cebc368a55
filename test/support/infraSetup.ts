/** Where the CDK writes what tests synthesize: by itself it would leave folders among the temporary files. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** A folder that is gone after the suite. */
    assemblies: string;
  }
}

/** Run by vitest before the suite; what it returns runs after. */
export default function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'sheaf-assemblies-'));
  project.provide('assemblies', folder);
  return () => rmSync(folder, { recursive: true });
}
