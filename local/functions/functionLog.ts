/** What functions print: one file each under the data folder, and errors on the terminal too. */
import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';

export interface FunctionLog {
  print(functionName: string, text: string, isError: boolean): void;
}

/** A log file is renamed to `.1` at this size, over the one before: twice this much is kept. */
const MAX_LOG_BYTES = 2 * 1024 * 1024;

/** Levels of structured lines that are not errors, though they come by stderr. */
const HARMLESS_LEVELS = /"level":"(TRACE|DEBUG|INFO|WARN)"/;

/**
 * @param folder where the files go; created if needed
 * @param showError takes an error line, with its function's name in front
 */
export function createFunctionLog(folder: string, showError: (line: string) => void): FunctionLog {
  mkdirSync(folder, { recursive: true });
  const files = new Map<string, (text: string) => void>();
  /** The beginning of a line whose end is still to come, by function. */
  const unfinished = new Map<string, string>();

  const showErrors = (functionName: string, text: string) => {
    const lines = ((unfinished.get(functionName) ?? '') + text).split('\n');
    unfinished.set(functionName, lines.pop() ?? '');
    for (const line of lines) {
      if (line !== '' && !HARMLESS_LEVELS.test(line)) showError(`${functionName}: ${line}`);
    }
  };

  return {
    print(functionName, text, isError) {
      let append = files.get(functionName);
      if (!append)
        files.set(functionName, (append = boundedFile(join(folder, `${functionName}.log`))));
      append(text);
      if (isError) showErrors(functionName, text);
    },
  };
}

/** Appends at once, so that nothing is lost when the local cloud is killed. */
function boundedFile(path: string): (text: string) => void {
  let bytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  return (text) => {
    if (bytes > MAX_LOG_BYTES) {
      renameSync(path, `${path}.1`);
      bytes = 0;
    }
    appendFileSync(path, text);
    bytes += Buffer.byteLength(text);
  };
}
