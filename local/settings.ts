/** What `npm start` can be told, by environment variables. */
import { resolve } from 'node:path';
import { z } from 'zod';
import { readHosts } from '../shared/egress/hosts.ts';
import { TASK_LIMIT_MAX } from '../shared/limits.ts';
import { ALLOW_LOOPBACK_TARGETS } from '../shared/names.ts';

const port = (fallback: number) => {
  const error = 'must be a port: a whole number from 0 (any free one) to 65535';
  return z.coerce.number({ error }).int(error).min(0, error).max(65_535, error).default(fallback);
};

const TASK_LIMIT_RULE = `must be a whole number from 1 to ${TASK_LIMIT_MAX}`;

const SettingsSchema = z.object({
  HTTP_PORT: port(3000),
  WS_PORT: port(3001),
  SERVICES_PORT: port(3002),
  SHEAF_DATA_DIR: z.string().default('.sheaf'),
  SHEAF_API_KEY: z
    .string()
    // What an Authorization header can carry (shared/access/apiKeys.ts).
    .regex(/^[\x21-\x7e]{8,200}$/, 'needs 8 to 200 visible ASCII characters')
    .optional(),
  SHEAF_TASK_LIMIT: z.coerce
    .number(TASK_LIMIT_RULE)
    .int(TASK_LIMIT_RULE)
    .min(1, TASK_LIMIT_RULE)
    .max(TASK_LIMIT_MAX, TASK_LIMIT_RULE)
    .optional(),
  SHEAF_QUIET: z.stringbool().default(false),
  SHEAF_STOP_WITH_PARENT: z.stringbool().default(false),
  SHEAF_STOP_WHEN_UNUSED: z.stringbool().default(false),
  [ALLOW_LOOPBACK_TARGETS]: z.stringbool().default(false),
  SHEAF_SERVICE_HOSTS: z
    .string()
    .superRefine((text, context) => {
      const read = readHosts(text);
      if ('fault' in read) context.addIssue(read.fault);
    })
    .optional(),
});

export interface Settings {
  /** Ports on loopback; 0 is any free one. */
  readonly httpPort: number;
  readonly wsPort: number;
  readonly servicesPort: number;
  /** Absolute folder of all state. */
  readonly dataDir: string;
  /** The development API key, when it is not to be generated. */
  readonly apiKey: string | undefined;
  /** How many tasks of the development key may be at work at a time, when that is to be set. */
  readonly taskLimit: number | undefined;
  /** Print nothing but errors. */
  readonly quiet: boolean;
  /** Stop when standard input ends, as it does when the program that started this one is gone. */
  readonly stopWithParent: boolean;
  /** Stop when no program holds it any more (holds.ts). */
  readonly stopWhenUnused: boolean;
  /** Webhooks, and calls of services, may go to this machine, by http too. */
  readonly allowLoopbackTargets: boolean;
  /** Hosts that connections and row steps may name, when not any. */
  readonly serviceHosts: string | undefined;
}

/**
 * @param environment an empty value counts as none
 * @throws Error that names each variable at fault, what is wrong with it, and its value's place only
 */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  const given = Object.entries(environment).filter(([, value]) => value !== '');
  const parsed = SettingsSchema.safeParse(Object.fromEntries(given));
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw new Error(`The settings are not usable.\n  ${faults.join('\n  ')}`);
  }
  const { data } = parsed;
  return {
    httpPort: data.HTTP_PORT,
    wsPort: data.WS_PORT,
    servicesPort: data.SERVICES_PORT,
    dataDir: resolve(data.SHEAF_DATA_DIR),
    apiKey: data.SHEAF_API_KEY,
    taskLimit: data.SHEAF_TASK_LIMIT,
    quiet: data.SHEAF_QUIET,
    stopWithParent: data.SHEAF_STOP_WITH_PARENT,
    stopWhenUnused: data.SHEAF_STOP_WHEN_UNUSED,
    allowLoopbackTargets: data[ALLOW_LOOPBACK_TARGETS],
    serviceHosts: data.SHEAF_SERVICE_HOSTS,
  };
}
