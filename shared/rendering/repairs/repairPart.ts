/** What a part is put through once docxtemplater has filled it: the repairs that no module of it can make. */
import { repairContainers } from './repairContainers.ts';
import { repairIds, takenIds } from './ids.ts';

/** Repairs a part as docxtemplater writes it. */
export type RepairPart = (xml: string) => string;

/** @param template the part before it is filled */
export function createPartRepair(template: string): RepairPart {
  const taken = takenIds(template);
  return (xml) => repairIds(repairContainers(xml), taken);
}
