/** Tells how much memory a worker has for itself, while it works and after. */
import { getHeapStatistics } from 'node:v8';

/** Between two looks while an event is under way: as long as memory may run ahead of what is known. */
const LOOK_MS = 250;
/** Less is not worth a message. */
const STEP_BYTES = 4 * 1024 * 1024;

export interface MemoryReport {
  /** An event begins. */
  begin(): void;
  /** It has ended. */
  end(): void;
}

/** What this thread's heap takes from the system, with the buffers that belong to it. */
function usedBytes(): number {
  const { total_heap_size, external_memory, malloced_memory } = getHeapStatistics();
  return total_heap_size + external_memory + malloced_memory;
}

/** @param tell is given the bytes when they have changed */
export function createMemoryReport(
  tell: (bytes: number) => void,
  used: () => number = usedBytes,
): MemoryReport {
  let told = 0;
  let timer: NodeJS.Timeout | undefined;
  const look = () => {
    const bytes = used();
    if (Math.abs(bytes - told) < STEP_BYTES) return;
    told = bytes;
    tell(bytes);
  };
  return {
    begin() {
      look();
      timer = setInterval(look, LOOK_MS).unref();
    },
    end() {
      clearInterval(timer);
      look();
    },
  };
}
