/** What StartExecution refuses before an execution begins. */
import { STATE_BYTES_MAX } from '../../../shared/limits.ts';
import { ServiceFault } from '../failures.ts';
import { parseJson } from '../json.ts';
import type { Json } from '../json.ts';
import { jsonBytes } from '../limits.ts';

/** Names of executions: 1 to 80 characters, none of which Step Functions refuses. @throws {ServiceFault} */
export function checkName(name: string): void {
  if (name.length >= 1 && name.length <= 80 && !/[\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}]/u.test(name))
    return;
  throw new ServiceFault('InvalidName', `Invalid Name: '${name}'`);
}

/** The input of an execution: JSON text of at most 256 KiB. @throws {ServiceFault} */
export function readInput(input: string): Json {
  if (jsonBytes(input) > STATE_BYTES_MAX) {
    throw new ServiceFault(
      'ValidationException',
      `1 validation error detected: Value at 'input' failed to satisfy constraint: Member must have length less than or equal to ${STATE_BYTES_MAX}`,
    );
  }
  try {
    return parseJson(input);
  } catch {
    throw new ServiceFault(
      'InvalidExecutionInput',
      "Invalid State Machine Execution Input: 'The input is not valid JSON.'",
    );
  }
}
