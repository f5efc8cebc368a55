/** Ids that a template has twice: each gets a number of its own, once, before anything is filled. */
import { withParts, type PackageParts } from '../../office/changePackage.ts';
import { hasIds, repairIds, takenIds } from './ids.ts';

export function withOwnIds<P extends PackageParts>(template: P): P {
  const changed = new Map<string, string>();
  for (const [name, content] of template.xml) {
    const text = Buffer.from(content).toString();
    if (!hasIds(text)) continue;
    const repaired = repairIds(text, takenIds(text), true);
    if (repaired !== text) changed.set(name, repaired);
  }
  return withParts(template, changed);
}
