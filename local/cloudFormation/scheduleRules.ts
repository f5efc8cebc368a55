/** The template's EventBridge rules, as the local cloud keeps them: schedules that call functions. */
import { z } from 'zod';
import type { Resource } from './resolve.ts';

const UNIT_MS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;

const PropertiesSchema = z.strictObject({
  Description: z.string().optional(),
  /** rate(1 minute), rate(5 minutes) (EventBridge User Guide, "Rate expressions"). */
  ScheduleExpression: z.string().transform((text, context) => {
    const [, count, unit] = /^rate\(([1-9]\d*) (minute|hour|day)s?\)$/.exec(text) ?? [];
    if (count !== undefined && unit !== undefined) {
      return Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS];
    }
    context.addIssue(`The local cloud knows schedules of rate(…) only, not ${text}.`);
    return z.NEVER;
  }),
  State: z.enum(['ENABLED', 'DISABLED']).default('ENABLED'),
  Targets: z.array(z.strictObject({ Arn: z.string(), Id: z.string() })),
});

export interface ScheduleRule {
  readonly arn: string;
  readonly everyMs: number;
  /** ARNs of the functions that it calls; none while it is disabled. */
  readonly functionArns: readonly string[];
}

/** Reads one AWS::Events::Rule. @throws for what the local cloud cannot do */
export function scheduleRule(resource: Resource): ScheduleRule {
  const { ScheduleExpression, State, Targets } = PropertiesSchema.parse(resource.properties);
  return {
    arn: resource.arn ?? '',
    everyMs: ScheduleExpression,
    functionArns: State === 'ENABLED' ? Targets.map(({ Arn }) => Arn) : [],
  };
}
