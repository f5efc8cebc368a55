/** Settings of `sheaf generate` as options of a command. */
import { Option, type Command } from 'commander';
import type { FlagValues } from '../generate/readSettings.ts';
import { SETTINGS, type SettingName } from '../generate/settings.ts';

/** Adds options for some settings, in groups of the help. */
export function addSettings(command: Command, names: readonly SettingName[]): void {
  for (const name of names) {
    const { kind, group, help, ...more } = SETTINGS[name];
    const value = 'value' in more ? ` ${more.value}` : '';
    const option = new Option(`--${name}${value}`, help).helpGroup(group);
    if (kind === 'list' || kind === 'pairs') {
      option.argParser<string[]>((text, before) => [...(before ?? []), text]);
    }
    command.addOption(option);
  }
}

/** Adds how a file of settings is named. */
export function addConfig(command: Command): void {
  const files = 'Settings in a file:';
  command
    .addOption(
      new Option(
        '--config <file>',
        'settings, where an option does not say it (sheaf.yaml)',
      ).helpGroup(files),
    )
    .addOption(new Option('--no-config', 'leave sheaf.yaml alone').helpGroup(files));
}

/** What was typed, by the names of settings. */
export function flagsOf(
  options: Readonly<Record<string, unknown>>,
  names: readonly SettingName[],
): FlagValues {
  const flags: Record<string, unknown> = {};
  for (const name of names) {
    const value = options[new Option(`--${name}`).attributeName()];
    if (value !== undefined) flags[name] = value;
  }
  return flags;
}
