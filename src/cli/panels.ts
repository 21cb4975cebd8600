import type { Command } from 'commander';
import { DiscernError } from '../errors.js';
import { parseList, parseSeeds } from './context.js';

export interface PanelOptions {
  /** name → bundle folder */
  readonly panel: ReadonlyMap<string, string>;
  readonly metrics?: string[];
  readonly seeds?: number[];
}

/** Panels on the command line, for those who need no configuration file. */
export function withPanels(command: Command): Command {
  return command
    .option('--panel <name=bundle>', 'a panel and the folder of its bundle (may be repeated)', addPanel, new Map())
    .option('--metrics <list>', 'metrics of the panels given with --panel', parseList)
    .option('--seeds <list>', 'evaluation seeds of the panels given with --panel', parseSeeds);
}

/** The panels as `discern.yaml` would have them. */
export function panelsOf({ panel, metrics, seeds }: PanelOptions): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    [...panel].map(([name, bundle]) => [
      name,
      { bundle, ...(metrics === undefined ? {} : { metrics }), ...(seeds === undefined ? {} : { seeds }) },
    ]),
  );
}

function addPanel(text: string, panels: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const [name, bundle] = splitPair(text, '--panel', 'a bundle folder');
  return new Map(panels).set(name, bundle);
}

/** `name=value` of a flag. */
export function splitPair(text: string, flag: string, what: string): readonly [string, string] {
  const at = text.indexOf('=');
  const name = text.slice(0, at);
  const value = text.slice(at + 1);
  if (at <= 0 || value === '')
    throw new DiscernError('USAGE', `${flag}: '${text}' is not of the form name=value (a panel and ${what})`);
  return [name, value];
}
