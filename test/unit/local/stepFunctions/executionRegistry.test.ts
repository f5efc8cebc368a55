import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createExecution,
  executionFolder,
  executionFolders,
} from '../../../../local/stepFunctions/executions/executionFiles.ts';
import { openRegistry } from '../../../../local/stepFunctions/executions/executionRegistry.ts';
import { ENDED_EXECUTIONS_KEPT } from '../../../../local/stepFunctions/limits.ts';

const DAY = 24 * 3600 * 1000;
const MACHINE = 'arn:aws:states:us-east-1:111122223333:stateMachine:M';
const arnOf = (name: string) => `arn:aws:states:us-east-1:111122223333:execution:M:${name}`;

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'sheaf-registry-'));
  executionFolders(dataDir, ['M']);
});
afterEach(() => {
  rmSync(dataDir, { recursive: true, force: true });
});

/** An execution on disk; one without an end is still running. */
function put(name: string, endedAt?: number): string {
  const folder = executionFolder(dataDir, 'M', name);
  const journal = createExecution(folder, {
    arn: arnOf(name),
    name,
    stateMachineArn: MACHINE,
    roleArn: 'role',
    definition: {},
    input: '{}',
    startedAt: endedAt ?? 0,
  });
  if (endedAt !== undefined) {
    const event = { id: 1, previousEventId: 0, timestamp: endedAt, type: 'ExecutionSucceeded' };
    journal.append({ kind: 'event', scope: 'execution', event });
  }
  journal.close();
  return folder;
}
const names = (now: number, used: string[] = []) => {
  const registry = openRegistry(dataDir, ['M']);
  registry.prune(now, (arn) => used.includes(arn));
  return registry.all().map(({ summary }) => summary.name);
};

describe('the registry of executions', () => {
  it('finds what is there, newest first, and forgets what never began', () => {
    put('old', 1);
    put('new', 2);
    const empty = executionFolder(dataDir, 'M', 'empty');
    mkdirSync(empty);
    expect(names(3)).toEqual(['new', 'old']);
    expect(existsSync(empty)).toBe(false);
  });

  it('keeps names apart that differ in case or in punctuation only', () => {
    for (const name of ['a', 'A', 'a.', '..']) put(name, 1);
    expect(names(2).sort()).toEqual(['..', 'A', 'a', 'a.']);
  });

  it('forgets what ended more than 90 days ago, unless it runs or is used', () => {
    const old = put('old', DAY);
    put('used', DAY);
    put('running');
    put('recent', 2 * DAY);
    expect(names(91 * DAY + 1, [arnOf('used')]).sort()).toEqual(['recent', 'running', 'used']);
    expect(existsSync(old)).toBe(false);
  });

  it('keeps the last thousand of a state machine', () => {
    for (let i = 0; i < ENDED_EXECUTIONS_KEPT + 2; i++) put(`e${i}`, i + 1);
    const kept = names(DAY);
    expect(kept).toHaveLength(ENDED_EXECUTIONS_KEPT);
    expect(kept).not.toContain('e1');
    expect(kept).toContain('e2');
  });
});
