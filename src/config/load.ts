import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import type { z } from 'zod';
import { DiscernError } from '../errors.js';
import { configSchema, type Config } from './schema.js';
import { SETTINGS, flagOf, variableOf, type Setting } from './settings.js';

/** Where a configuration comes from; later ones win: file, environment, flags. */
export interface ConfigSources {
  /** Path of `discern.yaml`. */
  readonly file?: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Texts of flags by their setting's flag, e.g. `--http-port`. */
  readonly flags: ReadonlyMap<string, string>;
  /** Panels the command line names. */
  readonly panels?: Readonly<Record<string, unknown>>;
}

type Tree = Record<string, unknown>;

/**
 * Reads and validates the configuration.
 *
 * @throws DiscernError CONFIG_INVALID: names the key, the value and what is allowed
 */
export async function loadConfig(sources: ConfigSources): Promise<Config> {
  const tree = sources.file === undefined ? {} : await readTree(sources.file);
  for (const setting of SETTINGS) {
    const text = sources.flags.get(flagOf(setting)) ?? sources.environment[variableOf(setting)];
    if (text !== undefined && text !== '') put(tree, setting, text);
  }
  const backend = sources.environment['DISCERN_BACKEND'];
  if (backend !== undefined && backend !== '') putValue(tree, ['evaluate', 'backend'], backend);
  if (sources.panels !== undefined) tree['panels'] = { ...asTree(tree['panels']), ...sources.panels };
  return validate(tree);
}

async function readTree(file: string): Promise<Tree> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new DiscernError('CONFIG_INVALID', `${file}: the configuration file cannot be read`, { cause: error });
  }
  let tree: unknown;
  try {
    tree = parse(text);
  } catch (error) {
    throw new DiscernError('CONFIG_INVALID', `${file}: not valid YAML: ${String(error)}`, { cause: error });
  }
  if (tree === null || tree === undefined) return {};
  if (typeof tree !== 'object' || Array.isArray(tree))
    throw new DiscernError('CONFIG_INVALID', `${file}: expected a map of keys at the top level`);
  return resolvePaths(tree as Tree, dirname(resolve(file)));
}

/** Paths in a configuration file are relative to the file, whatever folder the command runs in. */
function resolvePaths(tree: Tree, base: string): Tree {
  const panels = asTree(tree['panels']);
  for (const panel of Object.values(panels)) {
    const fields = asTree(panel);
    if (typeof fields['bundle'] === 'string') fields['bundle'] = resolve(base, fields['bundle']);
  }
  const embedded = asTree(asTree(tree['log'])['embedded']);
  if (typeof embedded['dir'] === 'string') embedded['dir'] = resolve(base, embedded['dir']);
  const kafka = asTree(asTree(tree['log'])['kafka']);
  for (const fields of [asTree(kafka['ssl']), asTree(kafka['sasl'])])
    for (const [key, file] of Object.entries(fields))
      if (key.endsWith('File') && typeof file === 'string') fields[key] = resolve(base, file);
  const weights = asTree(tree['weights']);
  if (Array.isArray(weights['roots']))
    weights['roots'] = weights['roots'].map((root: unknown) => (typeof root === 'string' ? resolve(base, root) : root));
  return tree;
}

function put(tree: Tree, setting: Setting, text: string): void {
  putValue(tree, setting.path, parseText(setting, text));
}

function parseText(setting: Setting, text: string): unknown {
  switch (setting.kind) {
    case 'text':
      return text;
    case 'number':
      return Number.isNaN(Number(text)) ? text : Number(text);
    case 'switch':
      return SWITCH.get(text.toLowerCase()) ?? text;
    case 'list':
      return text
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== '');
  }
}

const SWITCH: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['false', false],
]);

function putValue(tree: Tree, path: readonly string[], value: unknown): void {
  const [key, ...rest] = path;
  if (rest.length === 0) {
    tree[key] = value;
    return;
  }
  // The two kinds of log exclude each other: naming one on the command line replaces the file's other one.
  const child = key === 'log' && !(rest[0] in asTree(tree[key])) ? {} : { ...asTree(tree[key]) };
  putValue(child, rest, value);
  tree[key] = child;
}

function childOf(parent: unknown, key: PropertyKey): unknown {
  return typeof parent === 'object' && parent !== null ? (parent as Record<PropertyKey, unknown>)[key] : undefined;
}

function asTree(value: unknown): Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Tree) : {};
}

function validate(tree: Tree): Config {
  const result = configSchema.safeParse(tree);
  if (result.success) return result.data;
  throw new DiscernError('CONFIG_INVALID', result.error.issues.map((issue) => explain(issue, tree)).join('\n'));
}

function explain(issue: z.core.$ZodIssue, tree: Tree): string {
  const path = issue.path.map(String).join('.');
  const found = issue.path.reduce<unknown>((at, key) => childOf(at, key), tree);
  const shown = mayHoldSecret(issue.path.map(String))
    ? '(hidden)'
    : found === undefined
      ? 'nothing'
      : JSON.stringify(found);
  return `${path === '' ? 'configuration' : path}: ${issue.message}; found ${shown}`;
}

/** Whether a value is a secret, may hold one, or lies within one. A misspelt key's value may be meant as one too. */
function mayHoldSecret(path: readonly string[]): boolean {
  return SETTINGS.some(
    (setting) => setting.secret === true && path.every((key, i) => i >= setting.path.length || setting.path[i] === key),
  );
}
