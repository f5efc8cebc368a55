/** Makes a scenario that fails as small as it can be while it still fails in the same way. */
import type { Outcome } from './run.ts';
import type { Action, Reader, Scenario, TaskPlan, UploadDeletion, Visit } from './scenario.ts';

/** What kind of violation it is: its sentence without ids and numbers. */
export const kindOfViolation = (violation: string): string =>
  violation
    .replace(/(task|dlv|ds|tpl)_[0-9A-Z]{26}/g, '…')
    .replace(/connection-\d+/g, '…')
    .replace(/\d+/g, 'N')
    .replace(/\s+at .*/s, '')
    .slice(0, 120);

function withoutBase(task: TaskPlan, index: number): TaskPlan {
  const { base } = task;
  if (base === undefined || base < index) return task;
  return { ...task, base: base === index ? undefined : base - 1 };
}

/** Without the task of this index; whatever is about it goes with it. */
function withoutTask(scenario: Scenario, index: number): Scenario {
  const moved = <T extends Action | Visit | Reader | UploadDeletion>(list: readonly T[]): T[] =>
    list
      .filter(({ task }) => task !== index)
      .map((each) =>
        each.task !== undefined && each.task > index ? { ...each, task: each.task - 1 } : each,
      );
  return {
    ...scenario,
    tasks: scenario.tasks.filter((_, i) => i !== index).map((task) => withoutBase(task, index)),
    actions: moved(scenario.actions),
    visits: moved(scenario.visits),
    readers: moved(scenario.readers),
    deletions: moved(scenario.deletions),
  };
}

const LISTS = [
  'callFaults',
  'stepFaults',
  'requestFaults',
  'actions',
  'visits',
  'readers',
  'endpoints',
  'deletions',
  'receiver',
] as const;

/** Smaller scenarios, the boldest first. */
function* smaller(scenario: Scenario): Generator<Scenario> {
  for (let i = scenario.tasks.length - 1; i >= 0 && scenario.tasks.length > 1; i--) {
    yield withoutTask(scenario, i);
  }
  for (const name of LISTS) {
    const list: readonly unknown[] = scenario[name];
    for (let size = list.length; size >= 1; size = Math.floor(size / 2)) {
      for (let from = 0; from < list.length; from += size) {
        const rest = [...list.slice(0, from), ...list.slice(from + size)];
        yield { ...scenario, [name]: rest };
      }
    }
  }
  for (const [i, task] of scenario.tasks.entries()) {
    const changed = (changes: Partial<typeof task>): Scenario => ({
      ...scenario,
      tasks: scenario.tasks.map((each, j) => (i === j ? { ...each, ...changes } : each)),
    });
    if (task.rows > 1) {
      const rows = Math.ceil(task.rows / 2);
      const within = (list: readonly number[] = []) => list.filter((row) => row <= rows);
      const { badRows, changedRows, selection } = task;
      yield changed({
        rows,
        badRows: within(badRows),
        changedRows: within(changedRows),
        selection: selection && {
          ...selection,
          from: Math.min(selection.from, rows),
          to: Math.min(selection.to, rows),
        },
      });
    }
    if (task.templates > 1) yield changed({ templates: 1 });
    if (task.badRows.length > 0) yield changed({ badRows: [] });
    if (task.webhook) yield changed({ webhook: false });
    if (task.source === 'upload') yield changed({ source: 'inline' });
    if (task.mode === 'sequential') yield changed({ mode: 'parallel' });
    for (const name of [
      'check',
      'selection',
      'groupsOf',
      'base',
      'shift',
      'changedRows',
    ] as const) {
      if (task[name] !== undefined) yield changed({ [name]: undefined });
    }
    if (task.approval) yield changed({ approval: false });
    if (task.calls) yield changed({ calls: undefined, callbacks: undefined });
    if (task.callbacks) yield changed({ callbacks: undefined });
    if (task.results) yield changed({ results: undefined });
  }
  for (const [i, action] of scenario.actions.entries()) {
    if (action.times === 1) continue;
    const actions = scenario.actions.map((each, j) => (i === j ? { ...each, times: 1 } : each));
    yield { ...scenario, actions };
  }
  if (scenario.documentBudget !== undefined) yield { ...scenario, documentBudget: undefined };
  if (scenario.lookMs > 0) yield { ...scenario, lookMs: 0 };
}

/**
 * @param play plays a scenario
 * @param tries scenarios that are played at most
 * @returns the smallest one that was found, with how it went
 */
export async function shrink(
  failed: Scenario,
  outcome: Outcome,
  play: (scenario: Scenario) => Promise<Outcome>,
  tries = 400,
): Promise<{ scenario: Scenario; outcome: Outcome }> {
  const kinds = new Set(outcome.violations.map(kindOfViolation));
  let best = { scenario: failed, outcome };
  let left = tries;
  for (let found = true; found && left > 0;) {
    found = false;
    for (const scenario of smaller(best.scenario)) {
      if (left-- <= 0) break;
      const tried = await play(scenario);
      if (!tried.violations.some((violation) => kinds.has(kindOfViolation(violation)))) continue;
      best = { scenario, outcome: tried };
      found = true;
      break;
    }
  }
  return best;
}
