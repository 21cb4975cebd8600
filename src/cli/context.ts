import type { Command } from 'commander';
import { DiscernError } from '../errors.js';
import { loadConfig } from '../config/load.js';
import type { Config } from '../config/schema.js';
import { SETTINGS, flagOf } from '../config/settings.js';

/** Adds a flag for every setting of the configuration that one can set (secrets have none). */
export function withSettings(command: Command): Command {
  command.option('-c, --config <file>', 'configuration file (discern.yaml)');
  for (const setting of SETTINGS)
    if (setting.secret !== true) command.option(`${flagOf(setting)} <value>`, setting.description);
  return command;
}

/** The configuration that the command's flags, the environment and the file make together. */
export async function configOf(command: Command, panels?: Readonly<Record<string, unknown>>): Promise<Config> {
  const given = command.opts<Record<string, unknown>>();
  const flags = new Map<string, string>();
  for (const setting of SETTINGS) {
    const value = given[camel(flagOf(setting).slice(2))];
    if (typeof value === 'string') flags.set(flagOf(setting), value);
  }
  const file = given['config'];
  return loadConfig({
    ...(typeof file === 'string' ? { file } : {}),
    environment: process.env,
    flags,
    ...(panels === undefined ? {} : { panels }),
  });
}

function camel(flag: string): string {
  return flag.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** `a,b` → ['a', 'b'] */
export function parseList(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** `42,123` → [42, 123] */
export function parseSeeds(text: string): number[] {
  return parseList(text).map((part) => {
    const seed = Number(part);
    if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32)
      throw new DiscernError('USAGE', `--seeds: '${part}' is not a whole number from 0 to 4294967295`);
    return seed;
  });
}

/** A count given on the command line. */
export function parseCount(flag: string): (text: string) => number {
  return (text) => {
    const count = Number(text);
    if (!Number.isInteger(count) || count < 0)
      throw new DiscernError('USAGE', `${flag}: '${text}' is not a whole number of 0 or more`);
    return count;
  };
}
