/** What a job is to be, from all that says so: flags over the environment over sheaf.yaml. */
import { resolve } from 'node:path';
import { stat } from 'node:fs/promises';
import type { World } from '../world.ts';
import { UsageError } from '../errors.ts';
import { readConfig, USUAL_CONFIG, type Said, type SaidSettings } from './configFile.ts';
import {
  SETTING_NAMES,
  SETTINGS,
  variableOf,
  type SettingName,
  type Settings,
} from './settings.ts';

/** Values of flags by their names, as commander has them: texts, lists of texts, true. */
export type FlagValues = Readonly<Partial<Record<SettingName, string | readonly string[] | true>>>;

export interface ReadSettings {
  readonly settings: Settings;
  /** The file that was read, if one was. */
  readonly config: string | undefined;
}

/**
 * @param config a file of settings; undefined: sheaf.yaml if there is one, false: none
 * @throws UsageError that says what is wrong where
 */
export async function readSettings(
  flags: FlagValues,
  config: string | false | undefined,
  { env, cwd }: Pick<World, 'env' | 'cwd'>,
): Promise<ReadSettings> {
  const path = await configPath(config, cwd);
  const filed: SaidSettings = path === undefined ? {} : await readConfig(path);
  const settings: Record<string, unknown> = {};
  for (const name of SETTING_NAMES) {
    const said = byFlag(name, flags) ?? byEnvironment(name, env) ?? filed[name];
    if (said) settings[name] = checked(name, said);
  }
  return { settings: settings, config: path };
}

async function configPath(config: string | false | undefined, cwd: string) {
  if (config === false) return undefined;
  const path = resolve(cwd, config ?? USUAL_CONFIG);
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() === true) return path;
  if (config === undefined) return undefined;
  throw new UsageError(`--config ${config}: there is no such file. sheaf init makes one.`);
}

function byFlag(name: SettingName, flags: FlagValues): Said | undefined {
  const value = flags[name];
  return value === undefined ? undefined : { value: written(name, value), where: `--${name}` };
}

function byEnvironment(name: SettingName, env: World['env']): Said | undefined {
  const where = variableOf(name);
  const text = env[where];
  if (text === undefined || text === '') return undefined;
  if (SETTINGS[name].kind === 'switch') {
    if (/^(1|true|yes|on)$/i.test(text)) return { value: true, where };
    if (/^(0|false|no|off)$/i.test(text)) return { value: false, where };
    throw new UsageError(`${where} must be 1 or 0.`);
  }
  return { value: written(name, SETTINGS[name].kind === 'list' ? [text] : text), where };
}

/** A value of its kind out of texts; one that cannot be is left for the schema to refuse. */
function written(name: SettingName, value: string | readonly string[] | true): unknown {
  const { kind } = SETTINGS[name];
  if (kind === 'number') return Number.isNaN(Number(value)) ? value : Number(value);
  if (kind !== 'pairs') return value;
  const texts = typeof value === 'string' ? [value] : value === true ? [] : value;
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf('=');
      if (at < 1 || at === text.length - 1) {
        throw new UsageError(`--${name} ${JSON.stringify(text)}: write it as tag=column.`);
      }
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}

function checked(name: SettingName, { value, where }: Said): unknown {
  const { kind, schema } = SETTINGS[name];
  const given =
    kind === 'text' && typeof value === 'number'
      ? String(value)
      : kind === 'list' && typeof value === 'string'
        ? [value]
        : value;
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const rule = issue?.message ?? 'is not usable';
  const shown = typeof value === 'string' ? ` is ${JSON.stringify(value)}; it` : '';
  const isRule = /^(must|may) /.test(rule);
  throw new UsageError(isRule ? `${where}${shown} ${rule}.` : `${where}: ${rule}`);
}
