/** Tells of a disk that refuses, once, however often it is asked until it takes something again. */
import { diskFault, inShort } from './diskFault.ts';

export interface FaultReport {
  /** @returns the fault in words; undefined when the disk is not to blame */
  failed(error: unknown): string | undefined;
  succeeded(): void;
}

/** @param tell is given the fault in words, such as "the disk is full (ENOSPC)" */
export function createFaultReport(tell: (fault: string) => void): FaultReport {
  let told: string | undefined;
  return {
    failed(error) {
      const fault = diskFault(error);
      if (!fault) return undefined;
      const words = inShort(fault);
      if (told !== words) tell(words);
      told = words;
      return words;
    },
    succeeded() {
      told = undefined;
    },
  };
}
