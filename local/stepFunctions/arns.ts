/** Amazon resource names of Step Functions: made from each other, and taken apart. */

/** `arn:aws:states:REGION:ACCOUNT:stateMachine:NAME`. */
export interface MachineName {
  /** `arn:aws:states:REGION:ACCOUNT`. */
  readonly prefix: string;
  readonly name: string;
}

/** The parts of a state machine's ARN, or undefined when it is none. */
export function parseMachineArn(arn: string): MachineName | undefined {
  const [, prefix, name] =
    /^(arn:[\w-]+:states:[\w-]+:\d{12}):stateMachine:([^:/]+)$/.exec(arn) ?? [];
  return prefix !== undefined && name !== undefined ? { prefix, name } : undefined;
}

/** The parts of an ARN that is known to be a state machine's. */
export function machineOf(stateMachineArn: string): MachineName {
  const machine = parseMachineArn(stateMachineArn);
  if (!machine) throw new Error(`${stateMachineArn} is not the ARN of a state machine.`);
  return machine;
}

export const executionArn = ({ prefix, name }: MachineName, execution: string) =>
  `${prefix}:execution:${name}:${execution}`;

/** Whether the text has the form of an execution's ARN. */
export const isExecutionArn = (arn: string) =>
  /^arn:[\w-]+:states:[\w-]+:\d{12}:execution:[^:]+:[^:]+$/.test(arn);

/** A Map Run; `label` is the Label of its state, `id` a UUID. */
export const mapRunArn = ({ prefix, name }: MachineName, label: string, id: string) =>
  `${prefix}:mapRun:${name}/${label}:${id}`;

/** The UUID at the end of a Map Run's ARN, or undefined when it is none. */
export const mapRunId = (arn: string): string | undefined =>
  /^arn:[\w-]+:states:[\w-]+:\d{12}:mapRun:[^:]+:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(
    arn,
  )?.[1];

/** The state machine that a map's children say they belong to: `…:stateMachine:NAME/LABEL`. */
export const childMachineArn = ({ prefix, name }: MachineName, label: string) =>
  `${prefix}:stateMachine:${name}/${label}`;

export const childExecutionArn = (
  { prefix, name }: MachineName,
  label: string,
  execution: string,
) => `${prefix}:execution:${name}/${label}:${execution}`;
