/**
 * Trials in the table: what is tried of an order before a document is made. One stands by itself, under an id
 * of its own; or it is the check that a task begins with, which lies with the task and goes with it.
 */
import { ID_PREFIXES } from '../ids.ts';
import { ownerPartitions, tableKeys } from '../keys.ts';
import { ownedStore } from '../ownedStore.ts';
import type { Condition } from '../ports.ts';
import { Problem } from '../problems.ts';
import { TrialItemSchema } from '../schemas/items.ts';

export const trialStore = ownedStore({
  schema: TrialItemSchema,
  keyOf: tableKeys.trial,
  partitionOf: ownerPartitions.trials,
  notFound: (id) => new Problem('NOT_FOUND', `There is nothing under ${id}. It may have expired.`),
});

/** Holds until what is tried is known. */
export const isOpen: Condition = { attribute: 'status', is: '=', value: 'checking' };

/** Holds once it is known what was found. */
export const isDone: Condition = { attribute: 'status', is: '=', value: 'done' };

const replaced = (id: string, from: keyof typeof ID_PREFIXES, to: keyof typeof ID_PREFIXES) =>
  `${ID_PREFIXES[to]}${id.slice(ID_PREFIXES[from].length)}`;

/** The id by which the check of a task is asked for. */
export const checkIdOf = (taskId: string): string => replaced(taskId, 'task', 'check');

/** The task whose check would have this id. */
export const taskOfCheck = (checkId: string): string => replaced(checkId, 'check', 'task');
