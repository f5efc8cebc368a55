/** What functions print: one file each under the data folder, and errors on the terminal too. */
import { appendFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { diskFault, inShort } from '../disk/diskFault.ts';
import { makeFolder } from '../disk/folders.ts';

export interface FunctionLog {
  print(functionName: string, text: string, isError: boolean): void;
  /** Says that a function was ended because its time was over, and what to do. */
  timedOut(functionName: string, ms: number): void;
}

/** A log file is renamed to `.1` at this size, over the one before: twice this much is kept. */
const MAX_LOG_BYTES = 2 * 1024 * 1024;

/** A structured line of the functions' logger, as far as a person at the terminal needs it. */
const LineSchema = z.object({
  level: z.string(),
  message: z.string(),
  error: z.object({ name: z.string(), message: z.string() }).optional(),
});
const ERROR_LEVELS = ['ERROR', 'CRITICAL'];

/**
 * @param folder where the files go; created if needed
 * @param showError takes an error line, with its function's name in front
 */
export function createFunctionLog(folder: string, showError: (line: string) => void): FunctionLog {
  makeFolder(folder);
  const files = new Map<string, (text: string) => void>();
  /** The beginning of a line whose end is still to come, by function. */
  const unfinished = new Map<string, string>();

  const showErrors = (functionName: string, text: string) => {
    const lines = ((unfinished.get(functionName) ?? '') + text).split('\n');
    unfinished.set(functionName, lines.pop() ?? '');
    for (const line of lines) {
      const shown = readable(line);
      if (shown !== '') showError(`${functionName}: ${shown}`);
    }
  };

  /** Whether the last text could be written. */
  let writable = true;

  /** Without room for logs the work goes on; that they are missing is said once. */
  const write = (functionName: string, text: string) => {
    try {
      let append = files.get(functionName);
      if (!append)
        files.set(functionName, (append = boundedFile(join(folder, `${functionName}.log`))));
      append(text);
      writable = true;
    } catch (error) {
      const fault = diskFault(error);
      const reason = fault ? inShort(fault) : String(error);
      if (writable)
        showError(`The logs in ${folder} cannot be written: ${reason}. The work goes on.`);
      writable = false;
    }
  };

  const print = (functionName: string, text: string, isError: boolean) => {
    write(functionName, text);
    if (isError) showErrors(functionName, text);
  };
  return {
    print,
    timedOut(functionName, ms) {
      const file = join(folder, `${functionName}.log`);
      print(
        functionName,
        `Ended after ${Math.round(ms / 1000)} s, which is all that it may take. A step of a workflow ` +
          `is tried again by itself; if it ends so again, see in ${file} what it did before.\n`,
        true,
      );
    },
  };
}

/** What of a line is shown: nothing of a structured line that is no error, the gist of one that is. */
function readable(line: string): string {
  const structured = parseLine(line);
  if (!structured) return line;
  const { level, message, error } = structured;
  if (!ERROR_LEVELS.includes(level)) return '';
  return error ? `${message} ${error.name}: ${error.message}` : message;
}

function parseLine(line: string): z.infer<typeof LineSchema> | undefined {
  try {
    return LineSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

/** Appends at once, so that nothing is lost when the local cloud is killed. */
function boundedFile(path: string): (text: string) => void {
  let bytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  return (text) => {
    if (bytes > MAX_LOG_BYTES) {
      renameSync(path, `${path}.1`);
      bytes = 0;
    }
    appendFileSync(path, text, { mode: 0o600 });
    bytes += Buffer.byteLength(text);
  };
}
