/** A mapping of an order whose tags and columns are all there. */
import type { ComparedNames } from '../columns/compareTask.ts';
import { pointerStep } from '../jsonPointer.ts';
import { Problem } from '../problems.ts';

/** @throws Problem VALIDATION_ERROR with everything that is wrong */
export function requireMapping(
  { mappingFaults = [] }: ComparedNames,
  pointer = '/options/mapping',
): void {
  const [first] = mappingFaults;
  if (!first) return;
  throw new Problem('VALIDATION_ERROR', first.detail, {
    errors: mappingFaults.map(({ tag, detail }) => ({
      // RFC 6901, 3.
      pointer: `${pointer}/${pointerStep(tag)}`,
      detail,
    })),
  });
}
