/** Asking again and again, with growing pauses, until something is done. */

const FIRST_PAUSE_MS = 150;
const LONGEST_PAUSE_MS = 2_000;

export async function untilDone<T>(
  ask: () => Promise<T>,
  isDone: (answer: T) => boolean,
  signal: AbortSignal,
): Promise<T> {
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(LONGEST_PAUSE_MS, pause * 1.5)) {
    const answer = await ask();
    if (isDone(answer)) return answer;
    await new Promise((resolve) => setTimeout(resolve, pause));
    signal.throwIfAborted();
  }
}
