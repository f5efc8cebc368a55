/** What an owner has of what may be had. */
import type { Ports } from '../ports.ts';
import type { Usage } from '../schemas/usageApi.ts';
import { countQueue } from './entries.ts';
import { loadQuota, reservedDocuments, tasksAtWork } from './quota.ts';

export async function readUsage(ports: Pick<Ports, 'table'>, ownerId: string): Promise<Usage> {
  const quota = await loadQuota(ports, ownerId);
  return {
    tasksRunning: tasksAtWork(quota),
    tasksQueued: await countQueue(ports, ownerId),
    taskLimit: quota.taskLimit,
    documents: {
      budget: quota.documentBudget ?? null,
      reserved: reservedDocuments(quota),
      used: quota.used,
    },
  };
}
